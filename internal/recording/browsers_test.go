package recording

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/internal/recording/webm"
)

var update = flag.Bool("update", false, "write testdata/tones.webm anew")

// TestTonesForBrowsers holds testdata/tones.webm to what is recorded of tones at
// 0, 11 and 22 s: comfort noise comes for some seconds after the first, as of a
// browser with DTX, and nothing after the second. Browsers play it in
// web/e2e/recorded.spec.ts.
func TestTonesForBrowsers(t *testing.T) {
	t.Parallel()
	golden := filepath.Join("testdata", "tones.webm")
	sound := soundOf(t, filepath.Join("testdata", "gapped.webm"))
	dir := t.TempDir()
	s := &studioTape{f: newTestFile(dir), visit: 1}
	s.say(500*ms, sound...)
	s.comfort(500*ms+toneLength, 5*time.Second, sound[0][0])
	s.say(11500*ms, sound...)
	s.say(22500*ms, sound...)
	must(t, s.f.finish())
	path := filepath.Join(dir, s.f.entry.Path)
	checkTones(t, path, []time.Duration{0, 11000 * ms, 22000 * ms}, 22600*ms)
	got, err := os.ReadFile(path)
	must(t, err)
	if *update {
		must(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Error("testdata/tones.webm is not what is recorded now; -update writes it")
	}
}

// soundOf is the packets of the first tone in a file.
func soundOf(t *testing.T, path string) (packets [][]byte) {
	t.Helper()
	in, err := os.Open(path)
	must(t, err)
	defer in.Close()
	info, err := in.Stat()
	must(t, err)
	_, err = webm.Read(in, info.Size(), func(b webm.Block) error {
		if b.Track == webm.Audio && len(packets) < int(toneLength/(20*ms)) {
			packets = append(packets, bytes.Clone(b.Data))
		}
		return nil
	})
	must(t, err)
	return packets
}
