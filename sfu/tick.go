package sfu

import (
	"context"
	"slices"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/loudness"
)

const (
	beat          = 10 * time.Millisecond
	chooseEvery   = 200 * time.Millisecond
	feedbackEvery = 50 * time.Millisecond
	reportEvery   = time.Second
	pliEvery      = 400 * time.Millisecond
	nacksPerBeat  = 64
	tapKeyEvery   = 4 * time.Second
	askTwice      = 0.05
	compound      = 24 // packets or blocks per datagram
	compoundSize  = 1150
	receiverSSRC  = 1
)

// pace remembers when a transport was last sent what. Owned by tick.
type pace struct {
	feedback, report, sender, protect time.Duration

	serials map[*outlet]uint32
}

// tick does everything that time and not a packet causes.
func (s *SFU) tick(ctx context.Context) error {
	every := beat
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var chosen, beaten time.Duration
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
		now := s.now()
		if next := s.release(now); next != every {
			every = next
			ticker.Reset(every)
		}
		if now-beaten < beat-paceEvery/2 {
			continue
		}
		beaten = now
		s.handshakes.repeat(now)
		all := now-chosen >= chooseEvery
		if all {
			chosen = now
		}
		for _, m := range s.snapshot() {
			m.listen(now)
			if m.awake.Swap(false) || all {
				m.choose(now)
			}
			for _, t := range m.transports() {
				t.beat(now)
				t.protect(now)
				t.repeatBases(now, s.scratch[:])
				t.resound(now)
				t.push(now, s.scratch[:])
			}
		}
		s.flush()
	}
}

// release sends what waited, and says when to look again: an idle node does not
// wake for nothing.
func (s *SFU) release(now time.Duration) time.Duration {
	waited := s.udp.Waiting()
	paced := s.drain(now)
	s.flush()
	if waited || paced {
		return paceEvery
	}
	return beat
}

func (m *Meeting) transports() []*transport {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]*transport, 0, len(m.order))
	for _, p := range m.order {
		if p.transport != nil {
			list = append(list, p.transport)
		}
	}
	return list
}

// choose finds the speakers and gives every receiver its layers.
func (m *Meeting) choose(now time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.speakersLocked(now) {
		m.queueLocked(event{kind: eventSpeaking})
	}
	for _, p := range m.order {
		p.learnLocked(now)
		m.aimLocked(p, now)
		p.judgeLocked(now)
	}
	for _, t := range m.taps {
		t.aimLocked(now)
	}
	m.demandLocked(now)
	m.copiesLocked()
}

// speakersLocked reports whether the active speakers changed.
func (m *Meeting) speakersLocked(now time.Duration) bool {
	var next []Speaker
	for _, p := range m.order {
		mic := p.tracks[Microphone]
		e := mic.layers[0]
		e.mu.Lock()
		level, ok := e.meter.Speaking(now)
		e.mu.Unlock()
		// Whom nobody hears is no speaker: in a hall of open microphones the list
		// stays short.
		if ok && level < loudness.Silent && mic.open.Load() && !mic.unheard.Load() {
			next = append(next, Speaker{Peer: p.id, Level: level})
		}
	}
	slices.SortStableFunc(next, func(a, b Speaker) int { return int(a.Level) - int(b.Level) })
	same := len(next) == len(m.speakers)
	for i := range next {
		// Who speaks matters at once, a change of order only with the loudest.
		same = same && slices.ContainsFunc(m.speakers, func(s Speaker) bool { return s.Peer == next[i].Peer })
	}
	if same && len(next) > 0 && next[0].Peer != m.speakers[0].Peer {
		same = next[0].Level+3 >= levelOf(next, m.speakers[0].Peer)
	}
	if same {
		return false
	}
	m.speakers = next
	return true
}

func levelOf(list []Speaker, id PeerID) uint8 {
	for _, s := range list {
		if s.Peer == id {
			return s.Level
		}
	}
	return loudness.Silent
}

// beat sends the RTCP that is due to one client.
func (t *transport) beat(now time.Duration) {
	if t.closed.Load() || t.pc.ConnectionState() != webrtc.PeerConnectionStateConnected {
		return
	}
	t.mu.Lock()
	how := ask{t.rtt.smoothed, t.link.Loss() >= askTwice}
	t.mu.Unlock()
	how.twice = how.twice || t.up.loss() >= askTwice
	report := now-t.paced.report >= reportEvery
	if report {
		t.paced.report = now
	}
	var out []rtcp.Packet
	var blocks []rtcp.ReceptionReport
	for _, enc := range t.up.encodings() {
		if !enc.began.Load() {
			continue
		}
		out = enc.repairs(out, how, now)
		if report {
			blocks = enc.report(blocks, now)
		}
	}
	for part := range slices.Chunk(blocks, compound) {
		out = append(out, &rtcp.ReceiverReport{SSRC: receiverSSRC, Reports: part})
	}
	if now-t.paced.feedback >= feedbackEvery {
		t.paced.feedback = now
		out = t.up.report(out, now)
		out = t.senderReports(out, now)
	}
	for len(out) > 0 {
		n := together(out)
		if err := t.pc.WriteRTCP(out[:n]); err != nil {
			t.sfu.counters.drop(dropWrite)
		}
		out = out[n:]
	}
}

// together is how many of the packets fit into one datagram; at least one.
func together(list []rtcp.Packet) int {
	size := 0
	for n, p := range list[:min(len(list), compound)] {
		if size += p.MarshalSize(); size > compoundSize && n > 0 {
			return n
		}
	}
	return min(len(list), compound)
}

// ask is how a client is asked for what is missing.
type ask struct {
	rtt   time.Duration
	twice bool // many requests are lost
}

// repairs asks the publisher for what is missing and for key frames.
func (e *encoding) repairs(out []rtcp.Packet, how ask, now time.Duration) []rtcp.Packet {
	e.mu.Lock()
	ssrc := e.ssrc
	var missing []uint16
	if e.track.open.Load() && e.nack.Missing() > 0 {
		e.nack.Twice = how.twice
		missing = e.nack.Due(now, how.rtt, nil, nacksPerBeat)
	}
	e.mu.Unlock()
	c := &e.track.sfu.counters
	if ssrc == 0 {
		return out
	}
	if len(missing) > 0 {
		c.nacksSent.Add(uint64(len(missing)))
		out = append(out, &rtcp.TransportLayerNack{
			SenderSSRC: receiverSSRC, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(missing),
		})
	}
	if e.track.source.Video() && now-e.lastPLI >= pliEvery && e.wantKey.Swap(false) {
		e.lastPLI = now
		c.plis.Add(1)
		out = append(out, &rtcp.PictureLossIndication{SenderSSRC: receiverSSRC, MediaSSRC: ssrc})
	}
	return out
}

// senderReportSeen is what a reception report says of the last sender report.
type senderReportSeen struct {
	middle uint32
	at     time.Duration
}

func (e *encoding) report(blocks []rtcp.ReceptionReport, now time.Duration) []rtcp.ReceptionReport {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ssrc == 0 || !e.stats.started {
		return blocks
	}
	fraction, lost := e.stats.report()
	b := rtcp.ReceptionReport{
		SSRC: e.ssrc, FractionLost: fraction, TotalLost: lost,
		LastSequenceNumber: uint32(e.stats.highest), Jitter: uint32(e.stats.jitter >> 4),
	}
	if e.reported.middle != 0 {
		b.LastSenderReport = e.reported.middle
		b.Delay = uint32((now - e.reported.at) << 16 / time.Second)
	}
	return append(blocks, b)
}

// encodings are the layers this transport's packets can reach.
func (u *uplink) encodings() []*encoding {
	if bound := u.bound.Load(); bound != nil {
		return bound.encodings
	}
	return nil
}

// loss is the share of packets lost on the way up.
func (u *uplink) loss() float64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.link.Loss()
}

// report appends the feedback about what arrived, and what the client may send
// at most when that has to be told.
func (u *uplink) report(out []rtcp.Packet, now time.Duration) []rtcp.Packet {
	media := u.media.Load()
	if media == 0 {
		return out
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	lost, total := 0, 0
	u.arrivals.Settle(func(missing bool) bool {
		total++
		if missing {
			lost++
		}
		return u.mercy.Fate(missing)
	})
	u.link.Report(lost, total, 1, now)
	u.mercy.Judge(now)
	for fb := u.arrivals.Feedback(receiverSSRC, media); fb != nil; fb = u.arrivals.Feedback(receiverSSRC, media) {
		out = append(out, fb)
	}
	if bits, tell := u.mercy.Limit(now); tell {
		out = append(out, &rtcp.ReceiverEstimatedMaximumBitrate{
			SenderSSRC: receiverSSRC, Bitrate: float32(bits), SSRCs: []uint32{media},
		})
	}
	return out
}

// senderReports tells the client how its streams' clocks relate: every second,
// and soon after a switch, so that picture and voice stay in step.
func (t *transport) senderReports(out []rtcp.Packet, now time.Duration) []rtcp.Packet {
	due := now-t.paced.sender >= reportEvery
	if due {
		t.paced.sender = now
	}
	ends := t.sendingEnds()
	if t.paced.serials == nil {
		t.paced.serials = map[*outlet]uint32{}
	}
	for _, e := range ends {
		w := e.wired.Load()
		if w == nil {
			continue
		}
		ts, serial, ok := e.outlet.clockAt(now)
		if !ok || (!due && t.paced.serials[e.outlet] == serial) {
			continue
		}
		t.paced.serials[e.outlet] = serial
		out = append(out, &rtcp.SenderReport{
			SSRC: w.ssrc, NTPTime: ntp(t.sfu.wall(now)), RTPTime: ts,
			PacketCount: uint32(e.outlet.packets.Load()), OctetCount: uint32(e.outlet.octets.Load()),
		})
	}
	return out
}

// clockAt is the outgoing timestamp that belongs to now, by the publisher's own
// reports.
func (o *outlet) clockAt(now time.Duration) (ts, serial uint32, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p, ok := o.currentLocked()
	if !ok || o.track == nil {
		return 0, 0, false
	}
	enc := o.track.layers[p.Layer]
	enc.mu.Lock()
	c, same := enc.clock, enc.generation == p.Generation
	enc.mu.Unlock()
	if !c.known || !same {
		return 0, 0, false
	}
	in := c.rtp + uint32(int64((now-c.at)/time.Microsecond)*int64(o.track.clock)/1e6)
	return o.munger.Timestamp(in), o.munger.Serial(), true
}

func (o *outlet) shows() *track {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.track
}
