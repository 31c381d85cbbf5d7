package sfu

import (
	"cmp"
	"context"
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/nack"
	"github.com/yunqiao/yunqiao/sfu/internal/red"
	"github.com/yunqiao/yunqiao/sfu/internal/rtpview"
	"github.com/yunqiao/yunqiao/sfu/internal/twcc"
)

// simReceiver is the receiving half of a browser: it asks for what is missing,
// gives feedback, and plays.
type simReceiver struct {
	w     *world
	plain bool // asks for no sounds
	dumb  bool // what it says of arrivals is lost; guarded by mu

	mu        sync.Mutex
	streams   map[uint32]*simStream
	repairs   map[uint32]uint32
	twccID    uint8
	playoutID uint8
	arrivals  twcc.Collector
	last      uint32 // SSRC of some packet
	rtt       time.Duration
	first     time.Duration // when the first packet of media came
	latest    time.Duration // when the latest came
	packets   int
}

// simStream is one stream received.
type simStream struct {
	unwrap  rtpview.Unwrapper
	newest  uint64
	numbers int             // that were newer than all before
	lacks   map[uint64]bool // numbers that have not come so far
	nack    nack.Tracker
	stats   reception
	film    *simFilm
	voice   *simVoice
	asked   time.Duration // for a key frame
	oneWay  time.Duration
	report  simReport
}

// simReport is the last sender report of a stream.
type simReport struct {
	compact uint32 // its time
	came    time.Duration
}

func newSimReceiver(w *world) *simReceiver {
	return &simReceiver{w: w, streams: map[uint32]*simStream{}, repairs: map[uint32]uint32{}, rtt: 2 * w.oneWay}
}

// take plays one packet. It runs on the connection's decrypting goroutine.
func (r *simReceiver) take(ssrc uint32, raw []byte) {
	now := r.w.sfu.now()
	v, err := rtpview.Parse(raw)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.packets++
	r.last = ssrc
	if ext := v.Extension(raw, r.twccID); len(ext) == 2 {
		r.arrivals.Arrived(binary.BigEndian.Uint16(ext), now)
	}
	payload, sn, repaired := v.Payload(raw), v.Sequence, false
	if primary, ok := r.repairs[ssrc]; ok {
		if len(payload) < 2 {
			return // a probe
		}
		ssrc, sn, payload, repaired = primary, binary.BigEndian.Uint16(payload), payload[2:], true
	}
	s := r.streams[ssrc]
	if s == nil {
		s = &simStream{oneWay: r.w.oneWay, lacks: map[uint64]bool{}}
		r.streams[ssrc] = s
	}
	full := s.unwrap.Next(sn)
	s.nack.Received(full, now)
	s.note(full)
	if !repaired {
		s.stats.received(full, v.Timestamp, 90000, now)
	}
	if r.first == 0 && len(payload) > 0 {
		r.first = now
	}
	if len(payload) > 0 {
		r.latest = now
		s.play(v.PayloadType, payload, now)
	}
	if ext := v.Extension(raw, r.playoutID); len(ext) == 3 && s.film != nil {
		s.film.wait = max(simPlayout, time.Duration(binary.BigEndian.Uint16(ext)>>4)*delayUnit)
	}
}

// note keeps which numbers are lacking.
func (s *simStream) note(sn uint64) {
	if sn <= s.newest {
		delete(s.lacks, sn)
		return
	}
	for lost := s.newest + 1; s.newest > 0 && lost < sn; lost++ {
		s.lacks[lost] = true
	}
	s.newest = sn
	s.numbers++
}

// lackingOld is how many packets of the picture have not come, without the newest
// ones, and how many there were in all.
func (r *simReceiver) lackingOld(newest uint64) (lacking, all int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.streams {
		if s.film == nil {
			continue
		}
		for sn := range s.lacks {
			if sn+newest < s.newest {
				lacking++
			}
		}
		all += s.numbers
	}
	return lacking, all
}

// reported notes when senders reported: the answer tells the round trip.
func (r *simReceiver) reported(list []rtcp.Packet) {
	now := r.w.sfu.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range list {
		sr, ok := p.(*rtcp.SenderReport)
		if !ok {
			continue
		}
		if s := r.streams[sr.SSRC]; s != nil {
			s.report = simReport{uint32(sr.NTPTime >> 16), now}
		}
	}
}

func (s *simStream) play(pt uint8, payload []byte, now time.Duration) {
	switch pt {
	case payloadRED:
		blocks, err := red.Split(payload)
		if err != nil {
			return
		}
		for _, b := range append(blocks.Redundant(), blocks.Primary()) {
			s.hear(payload[b.From:b.To], now)
		}
	case payloadOpus:
		s.hear(payload, now)
	default:
		if label, ok := readLabel(payload); ok {
			if s.film == nil {
				s.film = newSimFilm(s.oneWay)
			}
			s.film.take(label, now)
		}
	}
}

func (s *simStream) hear(payload []byte, now time.Duration) {
	if len(payload) < 12 {
		return
	}
	if s.voice == nil {
		s.voice = &simVoice{heard: map[uint32]simSound{}, oneWay: s.oneWay}
	}
	s.voice.take(binary.BigEndian.Uint32(payload), time.Duration(binary.BigEndian.Uint64(payload[4:])), now)
}

// feedback sends RTCP until the peer leaves: what is missing every 10 ms,
// arrivals every 50 ms, reports every second.
func (r *simReceiver) feedback(ctx context.Context, pc *webrtc.PeerConnection) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if list := r.rtcp(n); len(list) > 0 {
			_ = pc.WriteRTCP(list)
		}
	}
}

func (r *simReceiver) rtcp(n int) []rtcp.Packet {
	now := r.w.sfu.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []rtcp.Packet
	for ssrc, s := range r.streams {
		if missing := s.nack.Due(now, r.rtt, nil, 64); len(missing) > 0 && (!r.plain || s.voice == nil) {
			list = append(list, &rtcp.TransportLayerNack{
				SenderSSRC: 1, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(missing),
			})
		}
		if s.film != nil && s.film.stuck(now) && now-s.asked > time.Second {
			s.asked = now
			list = append(list, &rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: ssrc})
		}
		if n%100 == 0 && s.stats.started {
			fraction, lost := s.stats.report()
			list = append(list, &rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{
				SSRC: ssrc, FractionLost: fraction, TotalLost: lost, LastSequenceNumber: uint32(s.stats.highest),
				Jitter: uint32(s.stats.jitter >> 4), LastSenderReport: s.report.compact,
				Delay: uint32((now - s.report.came) << 16 / time.Second),
			}}})
		}
	}
	if n%5 == 0 {
		if fb := r.arrivals.Feedback(1, r.last); fb != nil && !r.dumb {
			list = append(list, fb)
		}
	}
	return list
}

// simVoice tells which sounds came in time.
type simVoice struct {
	heard map[uint32]simSound
	begun time.Duration // when sound 0 was sent

	oneWay time.Duration
}

type simSound struct{ sent, came time.Duration }

const simSoundTime = 20 * time.Millisecond

func (v *simVoice) take(n uint32, sent, now time.Duration) {
	if len(v.heard) == 0 {
		v.begun = sent - time.Duration(n)*simSoundTime
	}
	if _, ok := v.heard[n]; !ok {
		v.heard[n] = simSound{sent, now}
	}
}

// concealed is the share of the sounds sent in a stretch that was made up because
// nothing was there to play. Like a browser's, the buffer waits longer from then
// on when everything comes later, and slowly less again.
func (v *simVoice) concealed(from, to time.Duration) float64 {
	missing, all := 0.0, 0
	wait := 2*v.oneWay + simPatience
	for n := max(from-v.begun, 0)/simSoundTime + 1; v.begun+n*simSoundTime < to; n++ {
		all++
		took, ok := v.took(uint32(n))
		switch {
		case ok && took <= wait:
			wait = max(wait-simSoundTime/50, 2*v.oneWay+simPatience)
		case ok && v.lasting(uint32(n), wait):
			missing += (took - wait).Seconds() / simSoundTime.Seconds()
			wait = took
		default:
			missing++
		}
	}
	return missing / float64(max(all, 1))
}

func (v *simVoice) took(n uint32) (time.Duration, bool) {
	s, ok := v.heard[n]
	return s.came - s.sent, ok
}

// lasting reports whether most of the sounds after n come later than wait too.
func (v *simVoice) lasting(n uint32, wait time.Duration) bool {
	late := 0
	for next := n + 1; next <= n+5; next++ {
		if took, ok := v.took(next); ok && took > wait {
			late++
		}
	}
	return late >= 3
}

const simPlayout = 200 * time.Millisecond // of a browser's jitter buffer

// simFilm puts pictures together and decodes them in order.
type simFilm struct {
	parts   map[simFrameID]*simPicture
	decoded map[simFrameID]bool
	ready   []simShown    // in the order they could be decoded
	fed     time.Duration // when the last packet came
	wait    time.Duration // in the jitter buffer
	oneWay  time.Duration
}

type simFrameID struct {
	layer uint8
	frame uint32
}

type simPicture struct {
	label simLabel
	have  uint64 // parts, as bits
}

type simShown struct {
	at    time.Duration
	layer uint8
	frame uint32
	late  time.Duration // since it was sent
}

func newSimFilm(oneWay time.Duration) *simFilm {
	return &simFilm{wait: simPlayout, oneWay: oneWay, parts: map[simFrameID]*simPicture{}, decoded: map[simFrameID]bool{}}
}

func (f *simFilm) take(l simLabel, now time.Duration) {
	f.fed = now
	id := simFrameID{l.layer, l.frame}
	if f.decoded[id] {
		return
	}
	p := f.parts[id]
	if p == nil {
		p = &simPicture{label: l}
		f.parts[id] = p
	}
	p.have |= 1 << l.part
	for progress := true; progress; {
		progress = false
		for id, p := range f.parts {
			if bits.OnesCount64(p.have) == int(p.label.parts) && f.decodable(p.label) {
				delete(f.parts, id)
				f.show(p.label, now)
				progress = true
			}
		}
	}
	for id, p := range f.parts {
		if now-p.label.at > 5*time.Second {
			delete(f.parts, id)
		}
	}
}

// decodable reports whether everything a picture leans on is there.
func (f *simFilm) decodable(l simLabel) bool {
	if l.key {
		return true
	}
	back := [4]uint32{4, 1, 2, 1}[l.since%4]
	if l.since%4 == 3 && !f.decoded[simFrameID{l.layer, l.frame - 1}] {
		return false
	}
	return f.decoded[simFrameID{l.layer, l.frame - back}]
}

func (f *simFilm) show(l simLabel, now time.Duration) {
	f.decoded[simFrameID{l.layer, l.frame}] = true
	delete(f.decoded, simFrameID{l.layer, l.frame - 200})
	// A browser's jitter buffer plays a picture when it is due, or as soon as it
	// can be decoded, and none that is older than the one on screen.
	at := max(now, l.at+2*f.oneWay+f.wait)
	f.ready = append(f.ready, simShown{at: at, layer: l.layer, frame: l.frame, late: now - l.at})
}

// played is what was on screen, in the order of time.
func (f *simFilm) played() []simShown {
	list := slices.Clone(f.ready)
	slices.SortStableFunc(list, func(a, b simShown) int { return cmp.Compare(a.at, b.at) })
	shown := list[:0]
	highest := int64(-1)
	for _, s := range list {
		if int64(s.frame) > highest {
			highest = int64(s.frame)
			shown = append(shown, s)
		}
	}
	return shown
}

// stuck reports whether packets come but no picture for a while.
func (f *simFilm) stuck(now time.Duration) bool {
	if now-f.fed > 500*time.Millisecond {
		return false
	}
	return len(f.ready) == 0 || now-f.ready[len(f.ready)-1].at > time.Second
}

// rate is how many pictures a second were shown in a stretch.
func (f *simFilm) rate(from, to time.Duration) float64 {
	n := 0
	for _, s := range f.played() {
		if s.at >= from && s.at < to {
			n++
		}
	}
	return float64(n) / (to - from).Seconds()
}

// frozen is the share of a stretch in which the picture stood still for longer
// than 400 ms, and the longest such time.
func (f *simFilm) frozen(from, to time.Duration) (share float64, longest time.Duration) {
	var sum time.Duration
	last := from
	count := func(at time.Duration) {
		if gap := at - last; gap > 400*time.Millisecond {
			sum += gap
			longest = max(longest, gap)
		}
		last = at
	}
	for _, s := range f.played() {
		if s.at >= from && s.at < to {
			count(s.at)
		}
	}
	count(to)
	return sum.Seconds() / (to - from).Seconds(), longest
}

// layers is how much of a stretch each layer was shown.
func (f *simFilm) layers(from, to time.Duration) (share [3]float64) {
	n := 0.0
	for _, s := range f.played() {
		if s.at >= from && s.at < to {
			share[s.layer]++
			n++
		}
	}
	for i := range share {
		share[i] /= max(n, 1)
	}
	return share
}
