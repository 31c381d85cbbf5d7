package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pion/webrtc/v4/pkg/media/oggreader"

	"github.com/yunqiao/yunqiao/internal/recording/webm"
	"github.com/yunqiao/yunqiao/sfu"
)

// toneLength is how long each tone of the tests below sounds.
const toneLength = 600 * ms

// tone is a sound of real Opus packets of 20 ms, made by ffmpeg.
func tone(t *testing.T) (packets [][]byte) {
	t.Helper()
	raw := ffmpeg(t, "-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=1000:sample_rate=48000:duration=%v", toneLength.Seconds()),
		"-c:a", "libopus", "-application", "voip", "-frame_duration", "20", "-page_duration", "20000", "-f", "ogg", "-")
	pages, _, err := oggreader.NewWith(bytes.NewReader(raw))
	must(t, err)
	for {
		payload, _, err := pages.ParseNextPage()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		if !bytes.HasPrefix(payload, []byte("OpusTags")) && len(payload) > 0 {
			packets = append(packets, payload)
		}
	}
	if n := int(toneLength / (20 * ms)); len(packets) < n {
		t.Fatalf("%d packets of sound, want %d", len(packets), n)
	}
	return packets[:toneLength/(20*ms)]
}

func ffmpeg(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "error", "-nostdin"}, args...)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, stderr.Bytes())
	}
	return stdout.Bytes()
}

// tones is where the sounds of a file begin when ffmpeg makes a WAV of it, and how
// long the WAV is.
func tones(t *testing.T, name string) (begin []time.Duration, length time.Duration) {
	t.Helper()
	wav := filepath.Join(t.TempDir(), "x.wav")
	ffmpeg(t, "-i", name, "-ac", "1", "-ar", "48000", "-c:a", "pcm_s16le", wav)
	pcm, err := os.ReadFile(wav)
	must(t, err)
	pcm = pcm[bytes.Index(pcm, []byte("data"))+8:]
	const step = 480 // 10 ms
	quietFor := 100
	for at := 0; at+2*step <= len(pcm); at += 2 * step {
		var sum float64
		for i := range step {
			v := float64(int16(binary.LittleEndian.Uint16(pcm[at+2*i:])))
			sum += v * v
		}
		switch loud := math.Sqrt(sum/step) > 500; {
		case !loud:
			quietFor++
		case quietFor >= 20:
			begin = append(begin, time.Duration(at/2)*time.Second/48000)
			fallthrough
		default:
			quietFor = 0
		}
	}
	return begin, time.Duration(len(pcm)/2) * time.Second / 48000
}

// studioTape is a file being recorded, with what its sender keeps.
type studioTape struct {
	f      *file
	visit  uint64
	sn     uint16
	offset uint32 // of the RTP clock
	seen   uint16
}

// say sends packets of 20 ms from at on.
func (s *studioTape) say(at time.Duration, packets ...[]byte) {
	for i, p := range packets {
		when := at + time.Duration(i)*20*ms
		if p != nil {
			s.f.push(rtpPacket{
				sequence: s.sn, ts: s.offset + uint32(when*48/ms), arrived: when + 30*ms, captured: when, known: true, payload: p,
			}, false, s.visit)
		}
		s.sn++ // a missing one is lost
	}
}

// show sends pictures 25 times a second, a key frame each second.
func (s *studioTape) show(from, to time.Duration) {
	for at := from; at < to; at += 40 * ms {
		p := rtpPacket{sequence: s.seen, ts: uint32(at * 90 / ms), marker: true, arrived: at + 30*ms, captured: at, known: true, codec: sfu.VP8, payload: []byte{0x10, 1, 9, 9, 9}}
		if (at-from)%time.Second == 0 {
			p.key, p.width, p.height = true, 640, 360
			p.payload = []byte{0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1, 9}
		}
		s.f.push(p, true, 1)
		s.seen++
	}
}

// comfort is what a browser sends while nobody talks: a packet without content
// every 400 ms.
func (s *studioTape) comfort(from, to time.Duration, toc byte) {
	for at := from; at < to; at += 400 * ms {
		s.say(at, []byte{toc &^ 3})
	}
}

func TestTonesAreWhereTheyWere(t *testing.T) {
	t.Parallel()
	sound := tone(t)
	lossy := slices.Clone(sound)
	for i := 3; i < len(lossy); i += 5 {
		lossy[i] = nil
	}
	for name, c := range map[string]struct {
		send func(*studioTape)
		want []time.Duration // from the file's beginning
		end  time.Duration
	}{
		"mutes": {func(s *studioTape) {
			s.say(500*ms, sound...)
			s.say(11500*ms, sound...)
			s.say(22700*ms, sound...)
		}, []time.Duration{0, 11000 * ms, 22200 * ms}, 22800 * ms},
		"DTX": {func(s *studioTape) {
			s.say(0, sound...)
			s.comfort(toneLength, 7*time.Second, sound[0][0])
			s.say(7*time.Second, sound...)
			s.comfort(7*time.Second+toneLength, 9*time.Second, sound[0][0])
		}, []time.Duration{0, 7 * time.Second}, 8800 * ms},
		"lost packets": {func(s *studioTape) {
			for at := time.Duration(0); at < 20*time.Second; at += 5 * time.Second {
				s.say(at, lossy...)
			}
		}, []time.Duration{0, 5 * time.Second, 10 * time.Second, 15 * time.Second}, 15600 * ms},
		"a reconnect": {func(s *studioTape) {
			s.say(0, sound...)
			s.visit, s.sn, s.offset = 2, 40000, 1<<31
			s.say(9*time.Second, sound...)
		}, []time.Duration{0, 9 * time.Second}, 9600 * ms},
		"pictures throughout": {func(s *studioTape) {
			s.show(0, 14*time.Second)
			s.say(4*time.Second, sound...)
			s.say(12*time.Second, sound...)
		}, []time.Duration{4 * time.Second, 12 * time.Second}, 14 * time.Second},
		"a picture that comes late": {func(s *studioTape) {
			s.say(0, sound...)
			s.show(3*time.Second, 6*time.Second)
			s.say(5*time.Second, sound...)
		}, []time.Duration{0, 5 * time.Second}, 6 * time.Second},
		"pictures alone": {func(s *studioTape) { s.show(0, 3*time.Second) }, nil, 3 * time.Second},
		"a clock that is years ahead": {func(s *studioTape) {
			s.say(0, sound...)
			s.f.push(rtpPacket{
				sequence: s.sn, ts: uint32(2 * time.Second * 48 / ms), arrived: 2 * time.Second,
				captured: 100000 * time.Hour, known: true, payload: sound[5],
			}, false, 1)
		}, []time.Duration{0}, 3020 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := &studioTape{f: newTestFile(dir), visit: 1}
			c.send(s)
			must(t, s.f.finish())
			path := filepath.Join(dir, s.f.entry.Path)
			checkTones(t, path, c.want, c.end)
			if s.f.entry.HasAudio != (c.want != nil) {
				t.Errorf("has sound: %v", s.f.entry.HasAudio)
			}
		})
	}
}

func newTestFile(dir string) *file {
	var f *file
	f = newFile(manifestFile{}, func(name string) (webm.File, error) { return os.Create(filepath.Join(dir, name)) },
		func(doc webm.Doc) { f.entry.Path = "x" + extension(doc) }, func() error { return nil })
	return f
}

func checkTones(t *testing.T, path string, want []time.Duration, end time.Duration) {
	t.Helper()
	begin, length := tones(t, path)
	same := slices.EqualFunc(begin, want, func(a, b time.Duration) bool { return (a - b).Abs() <= 100*ms })
	if !same || (length-end).Abs() > 100*ms {
		t.Errorf("tones at %v, want %v; %v long, want %v", begin, want, length, end)
	}
	in, err := os.Open(path)
	must(t, err)
	defer in.Close()
	info, err := in.Stat()
	must(t, err)
	last := time.Duration(0)
	if _, err := webm.Read(in, info.Size(), func(b webm.Block) error {
		if b.At < last {
			return fmt.Errorf("block at %v after %v", b.At, last)
		}
		last = b.At
		return nil
	}); err != nil {
		t.Error(err)
	}
}
