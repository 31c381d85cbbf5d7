package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

// TestOldPausesAreFilled plays a recording as it was written before pauses were
// filled: testdata/gapped.webm has tones at 0, 11 and 22.2 s and two seconds of
// pictures from the second on.
func TestOldPausesAreFilled(t *testing.T) {
	t.Parallel()
	pool, dir := pgtest.New(t), t.TempDir()
	r := open(t, pool, dir)
	id := recorded(t, r, meeting(t, pool))
	before, err := r.store.get(t.Context(), id)
	must(t, err)
	old, err := os.ReadFile(filepath.Join("testdata", "gapped.webm"))
	must(t, err)
	name := filepath.Join(dir, "recordings", before.Files[0].path)
	must(t, os.WriteFile(name, old, 0o600))
	must(t, os.Remove(filepath.Join(dir, "recordings", before.Files[1].path))) // as if on another machine
	_, err = pool.Exec(t.Context(), `update recording_files set gapless = false`)
	must(t, err)

	for range 2 { // the second time there is nothing to do, or it was interrupted before it was noted
		r.FillPauses(t.Context())
		checkTones(t, name, []time.Duration{0, 11000 * ms, 22200 * ms}, 22800*ms)
		after, err := r.store.get(t.Context(), id)
		must(t, err)
		now, err := os.ReadFile(name)
		must(t, err)
		sum := sha256.Sum256(now)
		f := after.Files[0]
		if f.Bytes != int64(len(now)) || f.SHA256 != hex.EncodeToString(sum[:]) || f.DurationMS < 22700 {
			t.Errorf("%+v", f)
		}
		_, err = pool.Exec(t.Context(), `update recording_files set gapless = false where id = $1`, f.ID)
		must(t, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(name), "*.new")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
