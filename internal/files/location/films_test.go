package location

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

const iso6709 = "+34.2610+117.1859+035/"

// ffmpeg writes a film of a second with picture and sound.
func film(t *testing.T, name string, args ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	ffmpeg(t, slices.Concat([]string{
		"-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=1", "-f", "lavfi", "-i", "sine=frequency=440:duration=1",
	}, args, []string{to})...)
	return to
}

func ffmpeg(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "error", "-nostdin"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v: %s", args, err, out)
	}
	return out
}

// forgetFile cleans a file twice.
func forgetFile(t *testing.T, path string) (content []byte, sure bool) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if sure, err = Forget(f, info.Size()); err != nil {
		t.Fatal(err)
	}
	if content, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	again := memory(bytes.Clone(content))
	if _, err := Forget(again, int64(len(again))); err != nil || !bytes.Equal(again, content) {
		t.Errorf("%s: a second time changes it, %v", path, err)
	}
	return content, sure
}

// heard is what is seen and heard of a film, as sums of each frame.
func heard(t *testing.T, path string) []byte {
	t.Helper()
	return ffmpeg(t, "-i", path, "-map", "0:v", "-map", "0:a", "-f", "framemd5", "-")
}

func TestFilmsForgetWhereTheyWereMade(t *testing.T) {
	t.Parallel()
	place := []string{"-metadata", "location=" + iso6709, "-metadata", "location-eng=" + iso6709, "-metadata", "comment=at " + iso6709}
	keys := []string{"-movflags", "use_metadata_tags", "-metadata", "com.apple.quicktime.location.ISO6709=" + iso6709}
	h264 := []string{"-c:v", "libx264", "-c:a", "aac"}
	for name, args := range map[string][]string{
		"user data.mov": slices.Concat(h264, place),
		"keys.mov":      slices.Concat(h264, keys),
		"user data.mp4": slices.Concat(h264, place),
		"keys.mp4":      slices.Concat(h264, keys),
		"first.mp4":     slices.Concat(h264, place, []string{"-movflags", "faststart"}),
		"fragments.mp4": slices.Concat(h264, place, []string{"-movflags", "frag_keyframe+empty_moov"}),
		"3gp.3gp":       slices.Concat([]string{"-c:v", "libx264", "-c:a", "aac"}, place),
		"tags.mkv":      slices.Concat(h264, place),
		"tags.webm":     slices.Concat([]string{"-c:v", "libvpx", "-c:a", "libopus"}, place),
		"live.webm":     slices.Concat([]string{"-c:v", "libvpx", "-c:a", "libopus", "-live", "1"}, place),
	} {
		path := film(t, name, args...)
		before, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(before, []byte("+34.2")) {
			t.Errorf("%s tells no place, so nothing is tried, %v", name, err)
		}
		shown := heard(t, path)
		after, sure := forgetFile(t, path)
		if bytes.Contains(after, []byte("+34.2")) || !sure {
			t.Errorf("%s: sure is %t, and it still tells where: %t", name, sure, bytes.Contains(after, []byte("+34.2")))
		}
		if !bytes.Equal(shown, heard(t, path)) {
			t.Errorf("%s: another film", name)
		}
	}
}

// Cameras write where they are several times a second into a track of its own;
// others write XMP into a box beside the film.
func TestFilmsForgetTracksOfDataAndBoxesBeside(t *testing.T) {
	t.Parallel()
	path := film(t, "plain.mp4", "-c:v", "libx264", "-c:a", "aac")
	plain, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	beside := "\x00\x00\x00\x28uuid\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac" + gps
	tail := "\x00\x00\x00\x28meta\x00\x00\x00\x00\x00\x00\x00\x1chdlr\x00\x00\x00\x00\x00\x00\x00\x00mdtaGPS-34  "
	content := memory(slices.Concat(plain, []byte(beside), []byte(tail)))
	sure, err := Forget(content, int64(len(content)))
	if err != nil || !sure || bytes.Contains(content, []byte("GPS-34")) {
		t.Errorf("boxes beside: sure is %t, %v, still told: %t", sure, err, bytes.Contains(content, []byte("GPS-34")))
	}
	data := withData(gps)
	if sure, err := Forget(memory(data), int64(len(data))); err != nil || !sure || bytes.Contains(data, []byte("GPS-34")) {
		t.Errorf("a track of data: sure is %t, %v", sure, err)
	}
	if !bytes.Contains(data, []byte("pictures")) {
		t.Error("what is no track of data was blanked")
	}
}
