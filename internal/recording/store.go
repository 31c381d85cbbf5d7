package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Recording is a recording as its readers see it.
type Recording struct {
	ID            uuid.UUID  `json:"id" format:"uuid"`
	State         State      `json:"state" enum:"recording,done,failed"`
	StartedAt     time.Time  `json:"started_at"`
	StoppedAt     *time.Time `json:"stopped_at,omitempty"`
	StartedByName string     `json:"started_by_name"`
	// DurationMS is from the start to the end of the last file.
	DurationMS int64           `json:"duration_ms"`
	Bytes      int64           `json:"bytes"`
	Files      []RecordingFile `json:"files" nullable:"false"`

	meetingID uuid.UUID
}

// RecordingFile is one participant's, or one screen's, part of a recording.
type RecordingFile struct {
	ID            uuid.UUID `json:"id" format:"uuid"`
	ParticipantID string    `json:"participant_id"`
	Name          string    `json:"name"`
	Kind          Kind      `json:"kind" enum:"person,screen"`
	// OffsetMS is when the file begins, from the start of the recording.
	OffsetMS   int64  `json:"offset_ms"`
	DurationMS int64  `json:"duration_ms"`
	Bytes      int64  `json:"bytes"`
	SHA256     string `json:"sha256"`
	HasAudio   bool   `json:"has_audio"`
	HasVideo   bool   `json:"has_video"`
	URL        string `json:"url"`

	path string
}

type store struct{ pool *pgxpool.Pool }

func (s store) insert(ctx context.Context, a *Active, req StartRequest) error {
	const q = `
		insert into recordings (id, meeting_id, started_by, started_by_name, started_at)
		values (@id, @meeting_id, @started_by, @started_by_name, @started_at)`
	_, err := s.pool.Exec(ctx, q, pgx.NamedArgs{
		"id": a.id, "meeting_id": req.MeetingID, "started_by": req.StartedBy,
		"started_by_name": req.StartedByName, "started_at": a.startedAt,
	})
	if _, running := postgres.Duplicate(err); running {
		return ErrRunning
	}
	if err != nil {
		return fmt.Errorf("insert recording of meeting %s: %w", req.MeetingID, err)
	}
	return nil
}

// end writes the outcome and the files in one transaction.
func (s store) end(ctx context.Context, m *manifest, state State, at time.Time) error {
	const q = `
		update recordings
		set state = @state, stopped_at = greatest(@stopped_at, started_at)
		where id = @id`
	const file = `
		insert into recording_files (
			id, recording_id, participant_id, name, kind, offset_ms, duration_ms, bytes, sha256, path, has_audio, has_video, gapless)
		values (
			@id, @recording_id, @participant_id, @name, @kind, @offset_ms, @duration_ms, @bytes, @sha256, @path, @has_audio, @has_video, true)
		on conflict (id) do nothing`
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(q, pgx.NamedArgs{"id": m.ID, "state": state, "stopped_at": at})
		for _, f := range m.Files {
			batch.Queue(file, pgx.NamedArgs{
				"id": f.ID, "recording_id": m.ID, "participant_id": f.ParticipantID, "name": f.Name, "kind": f.Kind,
				"offset_ms": f.OffsetMS, "duration_ms": f.DurationMS, "bytes": f.Bytes, "sha256": f.SHA256,
				"path": f.Path, "has_audio": f.HasAudio, "has_video": f.HasVideo,
			})
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("end recording %s: %w", m.ID, err)
	}
	return nil
}

type unfinished struct {
	ID        uuid.UUID
	MeetingID uuid.UUID
}

func (s store) unfinished(ctx context.Context) ([]unfinished, error) {
	const q = `select id, meeting_id from recordings where state = 'recording' order by started_at`
	rows, _ := s.pool.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[unfinished])
	if err != nil {
		return nil, fmt.Errorf("list unfinished recordings: %w", err)
	}
	return list, nil
}

const maxListed = 200 // recordings of one meeting

func (s store) list(ctx context.Context, meeting uuid.UUID) ([]Recording, error) {
	const q = `
		select id, meeting_id, state, started_at, stopped_at, started_by_name
		from recordings
		where meeting_id = $1
		order by started_at, id
		limit $2`
	rows, _ := s.pool.Query(ctx, q, meeting, maxListed)
	list, err := pgx.CollectRows(rows, scanRecording)
	if err != nil {
		return nil, fmt.Errorf("list recordings of meeting %s: %w", meeting, err)
	}
	return list, s.addFiles(ctx, list)
}

func (s store) get(ctx context.Context, id uuid.UUID) (Recording, error) {
	const q = `
		select id, meeting_id, state, started_at, stopped_at, started_by_name
		from recordings
		where id = $1`
	rows, _ := s.pool.Query(ctx, q, id)
	one, err := pgx.CollectExactlyOneRow(rows, scanRecording)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Recording{}, problem.NotFound("recording")
	case err != nil:
		return Recording{}, fmt.Errorf("get recording %s: %w", id, err)
	}
	list := []Recording{one}
	err = s.addFiles(ctx, list)
	return list[0], err
}

func scanRecording(row pgx.CollectableRow) (Recording, error) {
	r := Recording{Files: []RecordingFile{}}
	err := row.Scan(&r.ID, &r.meetingID, &r.State, &r.StartedAt, &r.StoppedAt, &r.StartedByName)
	return r, err
}

func (s store) addFiles(ctx context.Context, list []Recording) error {
	const q = `
		select recording_id, id, participant_id, name, kind, offset_ms, duration_ms, bytes, sha256, path, has_audio, has_video
		from recording_files
		where recording_id = any ($1)
		order by offset_ms, id`
	ids := make([]uuid.UUID, len(list))
	at := make(map[uuid.UUID]*Recording, len(list))
	for i := range list {
		ids[i] = list[i].ID
		at[list[i].ID] = &list[i]
	}
	rows, _ := s.pool.Query(ctx, q, ids)
	var of uuid.UUID
	var f RecordingFile
	_, err := pgx.ForEachRow(rows, []any{
		&of, &f.ID, &f.ParticipantID, &f.Name, &f.Kind, &f.OffsetMS, &f.DurationMS, &f.Bytes, &f.SHA256, &f.path, &f.HasAudio, &f.HasVideo,
	}, func() error {
		r := at[of]
		f.URL = fmt.Sprintf("/api/recordings/%s/files/%s", of, f.ID)
		r.Files = append(r.Files, f)
		r.Bytes += f.Bytes
		r.DurationMS = max(r.DurationMS, f.OffsetMS+f.DurationMS)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list files of recordings: %w", err)
	}
	return nil
}
