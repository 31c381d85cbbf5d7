package sfu

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

// visitor is a participant of few needs: one microphone, one seat.
func visitor(cert webrtc.Certificate, from func(net.IP) bool) (*webrtc.PeerConnection, error) {
	var e webrtc.SettingEngine
	e.SetIncludeLoopbackCandidate(true)
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetIPFilter(from)
	e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	api := webrtc.NewAPI(webrtc.WithSettingEngine(e), webrtc.WithMediaEngine(m))
	pc, err := api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{cert}})
	if err != nil {
		return nil, err
	}
	for _, dir := range []webrtc.RTPTransceiverDirection{webrtc.RTPTransceiverDirectionSendonly, webrtc.RTPTransceiverDirectionRecvonly} {
		if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: dir}); err != nil {
			return nil, err
		}
	}
	_, err = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	return pc, err
}

// visit joins a meeting, waits until the connection stands, and leaves.
func visit(m *Meeting, id PeerID, cert webrtc.Certificate) error {
	p, err := m.Join(id)
	if err != nil {
		return err
	}
	defer p.Close()
	pc, err := visitor(cert, net.IP.IsLoopback)
	if err != nil {
		return err
	}
	defer pc.GracefulClose()
	up := make(chan struct{})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(up)
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := p.Answer(ctx, Offer{
		SDP: offer.SDP, Sources: map[Source]string{Microphone: "0"}, Seats: []SeatMIDs{{Audio: "1", Video: "2"}},
	})
	if err != nil {
		return err
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}
	select {
	case <-up:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: no connection: %w", id, ctx.Err())
	}
}

// inUse is the heap and the goroutines there are, when all is quiet.
func inUse() (heap uint64, goroutines int) {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, runtime.NumGoroutine()
}

// forgetful hears everything and keeps nothing: what a witness remembers of a
// thousand people would be taken for a leak.
type forgetful struct{}

func (forgetful) Seated(PeerID, []Seating)     {}
func (forgetful) Wanted(PeerID, Source, uint8) {}
func (forgetful) Speaking([]Speaker)           {}
func (forgetful) PeerState(PeerID, PeerState)  {}

// TestThousandJoinsAndLeaves is not parallel: it counts the goroutines and the
// memory of the whole process.
func TestThousandJoinsAndLeaves(t *testing.T) {
	s := startSFU(t, Config{})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	cert, err := webrtc.GenerateCertificate(key)
	must(t, err)
	m := s.NewMeeting(forgetful{})
	visits := func(from, to int) {
		var wg sync.WaitGroup
		next := make(chan int)
		for range 24 {
			wg.Go(func() {
				for n := range next {
					if err := visit(m, PeerID(fmt.Sprint("visitor-", n)), *cert); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for n := from; n < to; n++ {
			next <- n
		}
		close(next)
		wg.Wait()
	}
	visits(0, 50) // what is made once is made now
	var heap uint64
	var goroutines int
	eventually(t, "a quiet start", func() bool {
		before := goroutines
		heap, goroutines = inUse()
		return before == goroutines
	})
	visits(50, 1050)
	var h uint64
	var g int
	defer func() {
		if t.Failed() {
			t.Logf("%d goroutines and %d KB of heap", g, h>>10)
			_ = pprof.Lookup("goroutine").WriteTo(t.Output(), 1)
		}
	}()
	eventually(t, fmt.Sprintf("back to %d goroutines and %d KB of heap", goroutines, heap>>10), func() bool {
		h, g = inUse()
		return g <= goroutines && h <= heap+heap/20+256<<10
	})
	if n := s.counters.peers.Load(); n != 0 {
		t.Errorf("%d peers are left", n)
	}
}
