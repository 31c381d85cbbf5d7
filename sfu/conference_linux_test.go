package sfu

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/srtp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/batch"
)

// A conference of ten in which every microphone is open, over loopback, with the
// clients in a process of their own so that only the server is measured:
//
//	go test ./sfu -run '^$' -bench Conference -benchtime 10x

const (
	guests        = 10
	conferenceEnv = "YUNQIAO_CONFERENCE_CLIENTS"
)

// conferenceServer answers the offer of one of the guests.
type conferenceServer func(guest int, sdp string) (string, error)

// BenchmarkConference is the engine, which lets the loudest four be heard; the
// engine made to forward every voice; and a bare fan-out by pion, which does so,
// too. One operation is one second.
func BenchmarkConference(b *testing.B) {
	for _, x := range []struct {
		name   string
		listen time.Duration // voices are chosen after that, or never
	}{{"engine", 0}, {"all-voices", math.MaxInt64}} {
		b.Run(x.name, func(b *testing.B) {
			s, err := Listen(Config{UDPAddr: "127.0.0.1:0"})
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			var wg sync.WaitGroup
			wg.Go(func() { _ = s.Run(ctx) })
			m := s.NewMeeting(newWitness())
			m.ears.last = x.listen
			confer(b, engineServer(m), s.counters.packetsOut.Load)
			m.Close()
			cancel()
			wg.Wait()
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
	b.Run("pion", func(b *testing.B) { confer(b, pionServer(b), nil) })
}

// confer lets the guests come and measures the seconds they talk.
func confer(b *testing.B, answer conferenceServer, sent func() uint64) {
	b.Helper()
	before, _ := inUse()
	stacks := stackBytes()
	stop := callGuests(b, "1 9", answer)
	time.Sleep(3 * time.Second) // until all talk; this is a measurement, not a test
	after, goroutines := inUse()
	memory := float64(after-before) + float64(stackBytes()) - float64(stacks)
	var packets uint64
	if sent != nil {
		packets = sent()
	}
	used := cpu()
	for b.Loop() {
		time.Sleep(time.Second)
	}
	b.ReportMetric(float64((cpu()-used).Microseconds())/1000/float64(b.N), "cpu-ms/s")
	b.ReportMetric(memory/guests/1024, "KB/guest")
	b.ReportMetric(float64(goroutines)/guests, "goroutines/guest")
	if sent != nil {
		b.ReportMetric(float64(sent()-packets)/float64(b.N), "packets/s")
	}
	stop()
}

// BenchmarkReceive is what comes in and goes nowhere: through pion's connections
// into the engine, and read and decrypted in one place, which nothing can beat.
func BenchmarkReceive(b *testing.B) {
	for _, burst := range []int{1, 4} {
		b.Run(fmt.Sprintf("burst=%d/engine", burst), func(b *testing.B) {
			s, err := Listen(Config{UDPAddr: "127.0.0.1:0"})
			if err != nil {
				b.Fatal(err)
			}
			m := s.NewMeeting(newWitness())
			received(b, fmt.Sprint(burst, " 0"), s.counters.packetsIn.Load, func(guest int, sdp string) (string, error) {
				p, err := m.Join(PeerID(fmt.Sprint("guest-", guest)))
				if err != nil {
					return "", err
				}
				return p.Answer(context.Background(), Offer{SDP: sdp, Sources: map[Source]string{Microphone: "0"}})
			})
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
		b.Run(fmt.Sprintf("burst=%d/floor", burst), func(b *testing.B) {
			var n atomic.Uint64
			addr := openInline(b, &n)
			received(b, fmt.Sprint(burst, " -1"), n.Load, func(int, string) (string, error) { return addr, nil })
		})
	}
}

// received measures the seconds in which the guests send and nobody listens.
func received(b *testing.B, told string, count func() uint64, answer conferenceServer) {
	b.Helper()
	stop := callGuests(b, told, answer)
	time.Sleep(2 * time.Second) // until all send
	got, used := count(), cpu()
	for b.Loop() {
		time.Sleep(time.Second)
	}
	used = cpu() - used
	got = count() - got
	b.ReportMetric(float64(used.Nanoseconds())/float64(got), "cpu-ns/packet")
	b.ReportMetric(float64(got)/float64(b.N), "packets/s")
	stop()
}

// openInline reads a socket and decrypts what comes, by its source.
func openInline(b *testing.B, n *atomic.Uint64) string {
	b.Helper()
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	c, err := batch.New(udp, batch.Settings{})
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		keys := map[netip.AddrPort]*srtp.Context{}
		in, out := make([]byte, 1500), make([]byte, 0, 1500)
		for {
			k, from, err := c.ReadFromAddrPort(in)
			if err != nil {
				return
			}
			if keys[from] == nil {
				keys[from] = benchContext(b)
			}
			if _, err := keys[from].DecryptRTP(out, in[:k], nil); err == nil {
				n.Add(1)
			}
		}
	})
	b.Cleanup(func() {
		_ = c.Close()
		wg.Wait()
	})
	return udp.LocalAddr().String()
}

// talkPlainly encrypts by itself and sends without any connection.
func talkPlainly(addr string, burst int) {
	conn, err := net.Dial("udp4", addr)
	insist(err)
	key, err := srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm)
	insist(err)
	h := rtp.Header{Version: 2, SSRC: 1}
	tick := time.NewTicker(20 * time.Millisecond)
	for range tick.C {
		for range burst {
			h.SequenceNumber++
			p := rtp.Packet{Header: h, Payload: make([]byte, 90)}
			raw, err := p.Marshal()
			insist(err)
			raw, err = key.EncryptRTP(nil, raw, &h)
			insist(err)
			_, _ = conn.Write(raw)
		}
	}
}

func stackBytes() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.StackInuse
}

// callGuests starts the guests' process and answers its offers.
//
// They are told how many packets each sends every 20 ms, and how many seats each
// has.
func callGuests(b *testing.B, told string, answer conferenceServer) (stop func()) {
	b.Helper()
	self := exec.CommandContext(b.Context(), os.Args[0])
	self.Env = append(os.Environ(), conferenceEnv+"="+told)
	self.Stderr = os.Stderr
	in, err := self.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := self.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := self.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for i := range guests {
		sdp, err := readText(lines)
		if err != nil {
			b.Fatalf("guest %d: %v", i, err)
		}
		text, err := answer(i, sdp)
		if err != nil {
			b.Fatalf("guest %d: %v", i, err)
		}
		writeText(in, text)
	}
	return func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, lines)
		if err := self.Wait(); err != nil {
			b.Error(err)
		}
	}
}

func writeText(w io.Writer, text string) { fmt.Fprintf(w, "%s\n", strconv.Quote(text)) }

func readText(r *bufio.Reader) (string, error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(line, `"`) {
			return strconv.Unquote(strings.TrimSpace(line))
		}
	}
}

func engineServer(m *Meeting) conferenceServer {
	return func(guest int, sdp string) (string, error) {
		p, err := m.Join(PeerID(fmt.Sprint("guest-", guest)))
		if err != nil {
			return "", err
		}
		o := Offer{SDP: sdp, Sources: map[Source]string{Microphone: "0"}}
		for i := range guests - 1 {
			o.Seats = append(o.Seats, SeatMIDs{Audio: fmt.Sprint(1 + 2*i), Video: fmt.Sprint(2 + 2*i)})
		}
		p.SetLive(Microphone, true)
		return p.Answer(context.Background(), o)
	}
}

// pionServer copies what a guest sends to the tracks of all others.
func pionServer(b *testing.B) conferenceServer {
	b.Helper()
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: udp})
	b.Cleanup(func() { _ = mux.Close() })
	var tracks []*webrtc.TrackLocalStaticRTP
	for i := range guests {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, fmt.Sprint(i), fmt.Sprint(i))
		if err != nil {
			b.Fatal(err)
		}
		tracks = append(tracks, track)
	}
	return func(guest int, sdp string) (string, error) {
		pc, err := plainServer(b, mux)
		if err != nil {
			return "", err
		}
		pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
			for {
				p, _, err := t.ReadRTP()
				if err != nil {
					return
				}
				if err := tracks[guest].WriteRTP(p); err != nil && !errors.Is(err, io.ErrClosedPipe) {
					return
				}
			}
		})
		if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}); err != nil {
			return "", err
		}
		for i, track := range tracks {
			if i == guest {
				continue
			}
			if _, err := pc.AddTrack(track); err != nil {
				return "", err
			}
		}
		return answerOf(pc)
	}
}

// beGuests is the guests' process of the benchmark, told in the environment how
// much they send. It returns at once in any other process.
func beGuests() {
	var burst, seats int
	if _, err := fmt.Sscan(os.Getenv(conferenceEnv), &burst, &seats); err != nil {
		return
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	insist(err)
	cert, err := webrtc.GenerateCertificate(key)
	insist(err)
	in := bufio.NewReader(os.Stdin)
	for range guests {
		if seats < 0 {
			writeText(os.Stdout, "")
			addr, err := readText(in)
			insist(err)
			go talkPlainly(addr, burst)
			continue
		}
		pc, mic := talker(*cert, seats)
		writeText(os.Stdout, pc.LocalDescription().SDP)
		answer, err := readText(in)
		insist(err)
		insist(pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
		go talk(mic, burst)
	}
	_, _ = io.Copy(io.Discard, in)
	os.Exit(0) // the guests leave with their process
}

func insist(err error) {
	if err != nil {
		panic(err)
	}
}

// talker is a client with an open microphone and a seat for everybody else.
func talker(cert webrtc.Certificate, seats int) (*webrtc.PeerConnection, *webrtc.TrackLocalStaticRTP) {
	m := &webrtc.MediaEngine{}
	insist(m.RegisterDefaultCodecs())
	insist(m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}, webrtc.RTPCodecTypeAudio))
	reg := &interceptor.Registry{}
	insist(webrtc.RegisterDefaultInterceptors(m, reg))
	var e webrtc.SettingEngine
	e.SetIncludeLoopbackCandidate(true)
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetIPFilter(net.IP.IsLoopback)
	e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(e)).
		NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{cert}})
	insist(err)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		b := make([]byte, 1500)
		for {
			if _, _, err := track.Read(b); err != nil {
				return
			}
		}
	})
	mic, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "mic", "own")
	insist(err)
	_, err = pc.AddTransceiverFromTrack(mic, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	insist(err)
	receive := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for range seats {
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			_, err := pc.AddTransceiverFromKind(kind, receive)
			insist(err)
		}
	}
	offer, err := pc.CreateOffer(nil)
	insist(err)
	gathered := webrtc.GatheringCompletePromise(pc)
	insist(pc.SetLocalDescription(offer))
	<-gathered
	return pc, mic
}

func talk(mic *webrtc.TrackLocalStaticRTP, burst int) {
	p := &rtp.Packet{Header: rtp.Header{Version: 2}, Payload: make([]byte, 90)}
	tick := time.NewTicker(20 * time.Millisecond)
	for range tick.C {
		p.Timestamp += 960
		for range burst {
			p.SequenceNumber++
			_ = p.SetExtension(1, []byte{30})
			_ = mic.WriteRTP(p)
		}
	}
}
