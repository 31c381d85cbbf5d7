package sfu

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtcp"
)

const defaultRTT = 100 * time.Millisecond

// control heeds decrypted RTCP of a client: all of it, or what is about one SSRC.
type control struct {
	t     *transport
	about *uint32
}

func (c *control) concerns(ssrc uint32) bool { return c.about == nil || *c.about == ssrc }

// take takes RTCP, of which several packets may come together. What cannot be used
// is dropped and counted.
func (c *control) take(raw []byte, now time.Duration) {
	for rest := raw; len(rest) > 0; {
		size := 0
		if len(rest) >= rtcpHead {
			size = rtcpHead * (int(binary.BigEndian.Uint16(rest[2:])) + 1)
		}
		if size == 0 || size > len(rest) {
			c.t.sfu.counters.drop(dropRTCP)
			break
		}
		if isTransportFeedback(rest[:size]) {
			c.arrived(rest[:size], now)
		} else {
			c.heed(rest[:size], now)
		}
		rest = rest[size:]
	}
}

const rtcpHead = 4

// heed takes one RTCP packet.
func (c *control) heed(raw []byte, now time.Duration) {
	packets, err := rtcp.Unmarshal(raw)
	if err != nil {
		c.t.sfu.counters.drop(dropRTCP)
		return
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			if c.concerns(p.SSRC) {
				c.t.senderReport(p, now)
			}
			c.receptions(p.Reports, now)
		case *rtcp.ReceiverReport:
			c.receptions(p.Reports, now)
		case *rtcp.PictureLossIndication:
			if c.concerns(p.MediaSSRC) {
				c.keyframe(p.MediaSSRC)
			}
		case *rtcp.FullIntraRequest:
			c.fullIntra(p)
		case *rtcp.TransportLayerNack:
			if c.concerns(p.MediaSSRC) {
				c.nack(p, now)
			}
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			if len(p.SSRCs) > 0 && c.concerns(p.SSRCs[0]) {
				c.t.estimated(int(min(p.Bitrate, 1e9)))
			}
		}
	}
}

func (c *control) end(ssrc uint32) *seatEnd {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	return c.t.ends[ssrc]
}

func (c *control) fullIntra(p *rtcp.FullIntraRequest) {
	for _, entry := range p.FIR {
		if c.concerns(entry.SSRC) {
			c.keyframe(entry.SSRC)
		}
	}
}

// keyframe passes a receiver's wish on to the layer it is shown.
func (c *control) keyframe(ssrc uint32) {
	end := c.end(ssrc)
	if end == nil {
		return
	}
	o := end.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.track == nil || o.target < 0 {
		return
	}
	at := o.target
	if p, ok := o.currentLocked(); ok {
		at = int(p.Layer)
	}
	o.track.layers[at].wantKey.Store(true)
}

const maxNACK = 256 // packets of one request

func (c *control) nack(p *rtcp.TransportLayerNack, now time.Duration) {
	end := c.end(p.MediaSSRC)
	if end == nil {
		return
	}
	defer c.t.sfu.flush()
	c.t.mu.Lock()
	rtt := c.t.rtt.smoothed
	c.t.mu.Unlock()
	asked := 0
	for _, pair := range p.Nacks {
		pair.Range(func(sn uint16) bool {
			asked++
			c.t.sfu.counters.nacksGot.Add(1)
			end.resend(sn, rtt, now, c.t.resendBuffer[:])
			return asked < maxNACK
		})
		if asked >= maxNACK {
			return
		}
	}
}

// receptions takes what the client says of the streams it receives.
func (c *control) receptions(reports []rtcp.ReceptionReport, now time.Duration) {
	for _, r := range reports {
		end := c.end(r.SSRC)
		if end == nil || !c.concerns(r.SSRC) {
			continue
		}
		c.t.mu.Lock()
		if r.LastSenderReport != 0 {
			compact := uint32(ntp(c.t.sfu.wall(now)) >> 16)
			if rtt := compact - r.LastSenderReport - r.Delay; rtt < 10<<16 {
				c.t.rtt.see(time.Duration(rtt) * time.Second >> 16)
			}
		}
		lost, expected := end.reported.since(r)
		lost = max(lost, int(end.asked.Swap(0))) // those that came again do not count in reports
		c.t.news.lost, c.t.news.expected = c.t.news.lost+lost, c.t.news.expected+expected
		if !c.t.down.congested(now) { // else to send more is no remedy
			c.t.link.Report(lost, expected, 1+end.resounds(c.t.shield.now().Copies), now)
		}
		c.t.mu.Unlock()
	}
}

func (t *transport) estimated(bits int) {
	t.mu.Lock()
	t.news.remb = bits
	t.mu.Unlock()
}

// receiverNews is what a receiver said since the layers were last chosen.
type receiverNews struct {
	remb           int
	lost, expected int // packets
}

// lossSeen is what a stream's last reception report said.
type lossSeen struct {
	highest uint32
	lost    uint32
	jitter  uint32
	known   bool
}

// since is how many packets were lost and expected after the report before.
func (l *lossSeen) since(r rtcp.ReceptionReport) (lost, expected int) {
	if l.known {
		// Differences of 32 and of 24 bits; repairs may lower the second.
		expected = int(max(int32(r.LastSequenceNumber-l.highest), 0))
		lost = int(int32(r.TotalLost<<8-l.lost<<8) >> 8)
	}
	*l = lossSeen{highest: r.LastSequenceNumber, lost: r.TotalLost, jitter: r.Jitter, known: true}
	return lost, expected
}

// peerClock relates a client's wall clock to the media clock, the same for all
// its streams, so that they stay in step.
type peerClock struct {
	offset time.Duration
	known  bool
}

const clockStep = 500 * time.Millisecond

// read gives the moment of a client's NTP time that arrived at now. The smallest
// difference seen is nearest to the truth; a large change is a new clock.
func (c *peerClock) read(sent, arrived time.Duration) time.Duration {
	diff := arrived - sent
	if !c.known || diff < c.offset || diff-c.offset > clockStep {
		c.offset, c.known = diff, true
	}
	return sent + c.offset
}

func (t *transport) senderReport(r *rtcp.SenderReport, now time.Duration) {
	sent := fromNTP(r.NTPTime).Sub(t.sfu.started)
	t.mu.Lock()
	at := t.clock.read(sent, now)
	t.mu.Unlock()
	for _, enc := range t.up.encodings() {
		enc.mu.Lock()
		if enc.ssrc == r.SSRC {
			enc.clock = clockPoint{rtp: r.RTPTime, at: at, known: true}
			enc.reported = senderReportSeen{middle: uint32(r.NTPTime >> 16), at: now}
		}
		enc.mu.Unlock()
	}
}

const ntpEpoch = 2208988800 // 1970 in seconds since 1900

// ntp is t in the 32.32 format of RFC 3550 section 4.
func ntp(t time.Time) uint64 {
	return uint64(t.Unix()+ntpEpoch)<<32 | uint64(t.Nanosecond())<<32/1e9
}

func fromNTP(n uint64) time.Time {
	return time.Unix(int64(n>>32)-ntpEpoch, int64((n&0xffffffff)*1e9>>32))
}
