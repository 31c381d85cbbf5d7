package chat

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

const (
	indexBatch = 500
	// indexPause lets others at the database between two batches.
	indexPause = 50 * time.Millisecond
	indexRetry = 30 * time.Second
)

// IndexOld makes the lexemes of messages that were written before there were
// any, and returns when all have them. It goes on where it was interrupted;
// several nodes share the work.
func (s *Store) IndexOld(ctx context.Context, log *slog.Logger) error {
	total := 0
	for {
		n, err := s.indexSome(ctx)
		pause := indexPause
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // it goes on at the next start
		case err != nil:
			log.WarnContext(ctx, "old messages could not be made searchable", "err", err)
			pause = indexRetry
		case n == 0:
			if total > 0 {
				log.InfoContext(ctx, "old messages were made searchable", "messages", total)
			}
			return nil
		}
		total += n
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// unsearched is a message without lexemes.
type unsearched struct {
	ID          uuid.UUID
	Text        string
	TextEN      string
	Topic       string
	Attachments []Attachment
}

// indexSome makes the lexemes of some messages and says of how many. Who edits
// one meanwhile waits for it.
func (s *Store) indexSome(ctx context.Context) (n int, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `
select id, text, text_en, topic, attachments from messages where search is null
order by id limit $1 for update skip locked`
		rows, _ := tx.Query(ctx, q, indexBatch)
		old, err := pgx.CollectRows(rows, pgx.RowToStructByName[unsearched])
		if err != nil {
			return err
		}
		n = len(old)
		var all pgx.Batch
		for _, m := range old {
			all.Queue(`update messages set search = array_to_tsvector($2) where id = $1`, m.ID, s.lexemes(m.Text, m.TextEN, m.Topic, m.Attachments))
		}
		return tx.SendBatch(ctx, &all).Close()
	})
	if err != nil {
		return 0, fmt.Errorf("make messages searchable: %w", err)
	}
	return n, nil
}
