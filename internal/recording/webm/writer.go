package webm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Kind says which of a file's two tracks a frame belongs to.
type Kind uint8

// The tracks, by number.
const (
	Audio Kind = 1
	Video Kind = 2
)

// File is what a Writer writes to; *os.File is one.
type File interface {
	io.Writer
	io.WriterAt
	io.ReaderAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// Limits of one cluster.
const (
	ClusterLength = time.Second
	clusterBytes  = 4 << 20
)

// Space kept at the front for what is known later.
const (
	seekSpace   = 128
	tracksSpace = 320
	infoVoid    = 11 // as large as a Duration
)

// Writer writes one file. It is not safe for concurrent use.
type Writer struct {
	f       File
	doc     Doc
	size    int64
	tracks  tracks
	cues    []cue
	cluster []byte // blocks of the open cluster
	start   time.Duration
	open    bool
	last    time.Duration
	heard   time.Duration // how long all sounds so far take, one after the other
	sounds  bool          // some of them are more than silence
}

// Doc is the type of a file: what its tracks may hold.
type Doc string

// The types. Players know the first best; the second holds what it may not.
const (
	WebM     Doc = "webm"
	Matroska Doc = "matroska"
)

// Picture describes the track of pictures.
type Picture struct {
	Codec         string // such as "V_VP8"
	Private       string // what players need to know of the codec at once; short
	Width, Height int
}

// MaxPrivate is the longest Private there is room for.
const MaxPrivate = 120

type tracks struct {
	audio, video bool
	picture      Picture
}

type cue struct {
	at      time.Duration
	track   Kind
	cluster int64 // position in the file
}

// Summary says what a finished file holds.
type Summary struct {
	Duration           time.Duration
	Bytes              int64
	HasAudio, HasVideo bool
}

// NewWriter writes the beginning of a file of this type.
func NewWriter(f File, doc Doc) (*Writer, error) {
	w := &Writer{f: f, doc: doc}
	head := header(doc)
	if _, err := f.Write(head); err != nil {
		return nil, fmt.Errorf("write header: %w", err)
	}
	w.size = int64(len(head))
	return w, nil
}

func ebmlHeader(doc Doc) []byte {
	var b []byte
	b = appendUint(b, idEBMLVersion, 1)
	b = appendUint(b, idEBMLReadVer, 1)
	b = appendUint(b, idEBMLMaxID, 4)
	b = appendUint(b, idEBMLMaxSize, 8)
	b = appendString(b, idDocType, string(doc))
	b = appendUint(b, idDocTypeVer, 4)
	b = appendUint(b, idDocTypeRead, 2)
	return appendBytes(nil, idEBML, b)
}

func info(duration []byte) []byte {
	var b []byte
	b = appendUint(b, idScale, uint64(time.Millisecond))
	b = appendString(b, idMuxingApp, "yunqiao")
	b = appendString(b, idWritingApp, "yunqiao")
	return appendBytes(nil, idInfo, append(b, duration...))
}

// The fixed places at the front of every file.
func places(doc Doc) (segmentData, seek, infoAt, tracksAt, clusters int64) {
	segmentData = int64(len(ebmlHeader(doc))) + 12
	seek = segmentData
	infoAt = seek + seekSpace
	tracksAt = infoAt + int64(len(info(appendVoid(nil, infoVoid))))
	return segmentData, seek, infoAt, tracksAt, tracksAt + tracksSpace
}

func header(doc Doc) []byte {
	b := ebmlHeader(doc)
	b = appendWideSize(appendID(b, idSegment), unknownSize)
	b = appendVoid(b, seekSpace)
	b = append(b, info(appendVoid(nil, infoVoid))...)
	return append(b, tracks{}.encode()...)
}

// encode makes the track list, filled up to its reserved space.
func (t tracks) encode() []byte {
	var b []byte
	if t.audio {
		b = appendBytes(b, idTrackEntry, audioEntry())
	}
	if t.video {
		b = appendBytes(b, idTrackEntry, videoEntry(t.picture))
	}
	b = appendBytes(nil, idTracks, b)
	return appendVoid(b, tracksSpace-len(b))
}

func entry(kind Kind, kindType uint64, codec string) []byte {
	var b []byte
	b = appendUint(b, idTrackNumber, uint64(kind))
	b = appendUint(b, idTrackUID, uint64(kind))
	b = appendUint(b, idTrackType, kindType)
	b = appendUint(b, idLacing, 0)
	return appendString(b, idCodecID, codec)
}

func audioEntry() []byte {
	const rate, channels = 48000, 2
	// RFC 7845 section 5.1; what comes from WebRTC has nothing to skip.
	private := append([]byte("OpusHead"), 1, channels, 0, 0)
	private = binary.LittleEndian.AppendUint32(private, rate)
	private = append(private, 0, 0, 0)
	b := entry(Audio, 2, "A_OPUS")
	b = appendBytes(b, idCodecPrivate, private)
	b = appendUint(b, idSeekPreRoll, uint64(80*time.Millisecond))
	return appendBytes(b, idAudio, appendUint(appendFloat(nil, idSampleRate, rate), idChannels, channels))
}

func videoEntry(p Picture) []byte {
	b := entry(Video, 1, p.Codec)
	if p.Private != "" && len(p.Private) <= MaxPrivate {
		b = appendBytes(b, idCodecPrivate, []byte(p.Private))
	}
	return appendBytes(b, idVideo, appendUint(appendUint(nil, idPixelWidth, uint64(p.Width)), idPixelHeight, uint64(p.Height)))
}

// DeclareVideo adds the track of pictures, or enlarges the picture announced for
// it, before its first frame. The codec stays what it was first.
func (w *Writer) DeclareVideo(p Picture) error {
	t := w.tracks
	if !t.video {
		t.video, t.picture = true, p
	}
	if p.Width*p.Height > t.picture.Width*t.picture.Height {
		t.picture.Width, t.picture.Height = p.Width, p.Height
	}
	return w.declare(t)
}

func (w *Writer) declare(t tracks) error {
	if t == w.tracks {
		return nil
	}
	w.tracks = t
	_, _, _, at, _ := places(w.doc)
	if _, err := w.f.WriteAt(t.encode(), at); err != nil {
		return fmt.Errorf("write tracks: %w", err)
	}
	return nil
}

// tooLate is how far behind the file's time a sound may come. One that comes later
// would push back all that follow, so it is left out.
const tooLate = 100 * time.Millisecond

// Frame adds one frame at this time from the file's start. Times never go back;
// one that would is taken as the last. Players put sounds one behind the other,
// whatever their times say, so every pause is filled with silence: the track of
// sound begins with the file and is as long. What is no Opus packet is silence, too.
func (w *Writer) Frame(kind Kind, at time.Duration, key bool, data []byte) error {
	at = max(at, 0)
	if !w.tracks.audio {
		t := w.tracks
		t.audio = true
		if err := w.declare(t); err != nil {
			return err
		}
	}
	if kind == Video {
		if err := w.fill(max(at, w.last)); err != nil {
			return err
		}
		return w.put(kind, at, key, data)
	}
	length, ok := soundDuration(data)
	if !ok || w.heard-at > tooLate {
		return nil
	}
	if err := w.fill(at); err != nil {
		return err
	}
	w.heard += length
	w.sounds = w.sounds || !isSilence(data)
	return w.put(Audio, at, true, data)
}

// fill has the sound last until to, but for less than a silence.
func (w *Writer) fill(to time.Duration) error {
	for to-w.heard >= soundLength {
		data, length := silence(to - w.heard)
		if err := w.put(Audio, w.heard, true, data); err != nil {
			return err
		}
		w.heard += length
	}
	return nil
}

func (w *Writer) put(kind Kind, at time.Duration, key bool, data []byte) error {
	at = max(at, w.last).Truncate(time.Millisecond)
	// A seek finds a cluster, so a picture to seek to begins one.
	full := w.open && (at-w.start >= ClusterLength || kind == Video && key || len(w.cluster)+len(data) > clusterBytes)
	if full {
		// A long silence is many clusters at once, which need not be on disk one by one.
		end := w.Flush
		if kind == Audio && isSilence(data) {
			end = w.finishCluster
		}
		if err := end(); err != nil {
			return err
		}
	}
	if !w.open {
		w.open, w.start = true, at
		w.noteCue(kind, at, key)
	}
	w.last = at
	block := make([]byte, 4, 4+len(data))
	block[0] = 0x80 | byte(kind)
	binary.BigEndian.PutUint16(block[1:], uint16((at-w.start)/time.Millisecond))
	if key || kind == Audio {
		block[3] = 0x80
	}
	w.cluster = appendBytes(w.cluster, idSimpleBlock, append(block, data...))
	return nil
}

const audioCueEvery = 5 * time.Second

func (w *Writer) noteCue(kind Kind, at time.Duration, key bool) {
	w.cues = appendCue(w.cues, cue{at: at, track: kind, cluster: w.size}, key)
}

// appendCue adds a cluster's first frame as a place to seek to: every key frame,
// and while there is none a sound every few seconds.
func appendCue(cues []cue, c cue, key bool) []cue {
	picture := c.track == Video && key
	sound := c.track == Audio && (len(cues) == 0 || c.at-cues[len(cues)-1].at >= audioCueEvery)
	if picture || sound {
		cues = append(cues, c)
	}
	return cues
}

// Flush writes the open cluster in one piece and has it on disk.
func (w *Writer) Flush() error {
	if !w.open {
		return nil
	}
	if err := w.finishCluster(); err != nil {
		return err
	}
	return w.sync()
}

func (w *Writer) finishCluster() error {
	body := appendUint(nil, idTimestamp, uint64(w.start/time.Millisecond))
	body = append(body, w.cluster...)
	whole := appendBytes(nil, idCluster, body)
	if _, err := w.f.WriteAt(whole, w.size); err != nil {
		return fmt.Errorf("write cluster: %w", err)
	}
	w.size += int64(len(whole))
	w.cluster, w.open = w.cluster[:0], false
	return nil
}

func (w *Writer) sync() error {
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("sync cluster: %w", err)
	}
	return nil
}

// Abort closes the file as it is: whole up to its last cluster.
func (w *Writer) Abort() error { return w.f.Close() }

// Written is how many bytes are on disk and whole.
func (w *Writer) Written() int64 { return w.size }

// Since is how long ago the open cluster began, seen from at; 0 when none is open.
func (w *Writer) Since(at time.Duration) time.Duration {
	if !w.open {
		return 0
	}
	return at - w.start
}

// Finish writes what was kept for the end and closes the file.
func (w *Writer) Finish() (Summary, error) {
	if err := errors.Join(w.fill(w.last), w.Flush()); err != nil {
		return Summary{}, joinClose(w.f, err)
	}
	size, err := finish(w.f, w.doc, w.size, w.cues, w.last)
	return Summary{Duration: w.last, Bytes: size, HasAudio: w.sounds, HasVideo: w.tracks.video}, joinClose(w.f, err)
}

// finish appends the cues and fills the reserved places.
func finish(f File, doc Doc, size int64, cues []cue, duration time.Duration) (int64, error) {
	segmentData, seek, infoAt, tracksAt, _ := places(doc)
	cuesAt := size
	var body []byte
	for _, c := range cues {
		position := appendUint(nil, idCueTrack, uint64(c.track))
		position = appendUint(position, idCueCluster, uint64(c.cluster-segmentData))
		point := appendUint(nil, idCueTime, uint64(c.at/time.Millisecond))
		body = appendBytes(body, idCuePoint, appendBytes(point, idCuePositions, position))
	}
	if len(cues) > 0 {
		body = appendBytes(nil, idCues, body)
	}
	size += int64(len(body))
	var seeks []byte
	for _, s := range []struct {
		id uint32
		at int64
	}{{idInfo, infoAt}, {idTracks, tracksAt}, {idCues, cuesAt}} {
		if s.id == idCues && len(cues) == 0 {
			continue
		}
		one := appendBytes(nil, idSeekID, appendID(nil, s.id))
		seeks = appendBytes(seeks, idSeek, appendUint(one, idSeekPosition, uint64(s.at-segmentData)))
	}
	seeks = appendBytes(nil, idSeekHead, seeks)
	for _, piece := range []struct {
		at int64
		b  []byte
	}{
		{cuesAt, body},
		{seek, appendVoid(seeks, seekSpace-len(seeks))},
		{infoAt, info(appendFloat(nil, idDuration, float64(duration)/float64(time.Millisecond)))},
		{segmentData - 8, appendWideSize(nil, uint64(size-segmentData))},
	} {
		if _, err := f.WriteAt(piece.b, piece.at); err != nil {
			return 0, fmt.Errorf("finish file: %w", err)
		}
	}
	if err := f.Truncate(size); err != nil {
		return 0, fmt.Errorf("cut file: %w", err)
	}
	if err := f.Sync(); err != nil {
		return 0, fmt.Errorf("sync file: %w", err)
	}
	return size, nil
}
