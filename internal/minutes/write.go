package minutes

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// edit runs a change of a draft: one writer at a time, and nobody signs
// meanwhile. The head is announced when the change was committed.
func (b *Book) edit(ctx context.Context, id uuid.UUID, change func(tx pgx.Tx, h head, by account.Account) error) (head, error) {
	return b.turn(ctx, id, func(tx pgx.Tx, h head, by account.Account) error {
		switch h.State {
		case StateSigned:
			return ErrSigned
		case StateReview:
			return ErrInReview
		case StateDraft:
		}
		return change(tx, h, by)
	})
}

// turn locks a record, runs a change by somebody who may write it, and returns
// the head as it then is.
func (b *Book) turn(ctx context.Context, id uuid.UUID, change func(tx pgx.Tx, h head, by account.Account) error) (head, error) {
	h, err := b.readable(ctx, id)
	if err != nil {
		return head{}, err
	}
	by, err := b.writer(ctx, h.MeetingID)
	if err != nil {
		return head{}, err
	}
	err = postgres.InTx(ctx, b.Pool, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from minutes where id = $1 for update`, id); err != nil {
			return err
		}
		current, err := readHead(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := change(tx, current, by); err != nil {
			return err
		}
		h, err = readHead(ctx, tx, id)
		return err
	})
	if err != nil {
		return head{}, fmt.Errorf("change minutes %s: %w", id, err)
	}
	b.announce(ctx, h)
	return h, nil
}

// Update changes the head of a draft, unless another change came first.
func (b *Book) Update(ctx context.Context, id uuid.UUID, change MinutesChange) (Minutes, error) {
	h, err := b.edit(ctx, id, func(tx pgx.Tx, h head, _ account.Account) error {
		if h.Revision != change.Revision {
			return ErrChanged
		}
		if err := change.apply(&h); err != nil {
			return err
		}
		const q = `
update minutes set title = @title, place = @place, host_name = @host, recorder_name = @recorder, present = @present,
    attending = @attending, absent = @absent, copies_to = @copies, revision = revision + 1, updated_at = now()
where id = @id`
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": h.ID, "title": h.Title, "place": h.Place, "host": h.HostName, "recorder": h.RecorderName,
			"present": h.Present, "attending": h.Attending, "absent": h.Absent, "copies": h.CopiesTo,
		}); err != nil {
			return err
		}
		return b.Audit.RecordIn(ctx, tx, "minutes.change", id.String(), map[string]any{"revision": h.Revision + 1})
	})
	if errors.Is(err, ErrChanged) {
		current, openErr := b.Open(ctx, id)
		if openErr != nil {
			return Minutes{}, openErr
		}
		return Minutes{}, ErrChanged.With("current", current)
	}
	if err != nil {
		return Minutes{}, err
	}
	return b.minutes(ctx, b.Pool, h)
}

// maxLine is how many characters a line of minutes may have that is not body.
const maxLine = 1000

// clean checks somebody who was there, or was not.
func (a *Attendee) clean(at string) (err error) {
	if a.Name, err = label.Required(at+".name", a.Name, label.MaxName); err != nil {
		return err
	}
	if a.Unit, err = label.Optional(at+".unit", a.Unit, label.MaxName); err != nil {
		return err
	}
	a.Title, err = label.Optional(at+".title", a.Title, label.MaxName)
	return err
}

// apply checks what shall change and takes it over.
func (c MinutesChange) apply(h *head) error {
	for _, part := range []struct {
		field string
		to    *string
		from  *string
	}{
		{"title", &h.Title, c.Title},
		{"place", &h.Place, c.Place},
		{"host_name", &h.HostName, c.HostName},
		{"recorder_name", &h.RecorderName, c.RecorderName},
		{"copies_to", &h.CopiesTo, c.CopiesTo},
	} {
		if part.from == nil {
			continue
		}
		var err error
		if *part.to, err = label.Optional(part.field, *part.from, maxLine); err != nil {
			return err
		}
	}
	if h.Title == "" {
		return problem.Invalid("title", "must not be empty")
	}
	for _, part := range []struct {
		field string
		to    *[]Attendee
		from  *[]Attendee
	}{{"present", &h.Present, c.Present}, {"attending", &h.Attending, c.Attending}, {"absent", &h.Absent, c.Absent}} {
		if part.from == nil {
			continue
		}
		kept := append([]Attendee{}, *part.from...)
		for i := range kept {
			if err := kept[i].clean(part.field + "[" + strconv.Itoa(i) + "]"); err != nil {
				return err
			}
		}
		*part.to = kept
	}
	return nil
}

// Submit hands a draft in for review.
func (b *Book) Submit(ctx context.Context, id uuid.UUID) (Minutes, error) {
	h, err := b.edit(ctx, id, func(tx pgx.Tx, _ head, _ account.Account) error {
		const q = `update minutes set state = 'review', return_reason = '', revision = revision + 1, updated_at = now() where id = $1`
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return err
		}
		return b.Audit.RecordIn(ctx, tx, "minutes.submit", id.String(), nil)
	})
	if err != nil {
		return Minutes{}, err
	}
	return b.minutes(ctx, b.Pool, h)
}

// review runs a decision on minutes in review.
func (b *Book) review(ctx context.Context, id uuid.UUID, decide func(tx pgx.Tx, h head, by account.Account) error) (Minutes, error) {
	h, err := b.turn(ctx, id, func(tx pgx.Tx, h head, by account.Account) error {
		switch h.State {
		case StateSigned:
			return ErrSigned
		case StateDraft:
			return ErrNotInReview
		case StateReview:
		}
		return decide(tx, h, by)
	})
	if err != nil {
		return Minutes{}, err
	}
	return b.minutes(ctx, b.Pool, h)
}

// Return gives minutes in review back as a draft.
func (b *Book) Return(ctx context.Context, id uuid.UUID, reason string) (Minutes, error) {
	if strings.ContainsRune(reason, 0) {
		return Minutes{}, problem.Invalid("reason", "contains control characters")
	}
	return b.review(ctx, id, func(tx pgx.Tx, _ head, _ account.Account) error {
		const q = `update minutes set state = 'draft', return_reason = $2, revision = revision + 1, updated_at = now() where id = $1`
		if _, err := tx.Exec(ctx, q, id, strings.TrimSpace(reason)); err != nil {
			return err
		}
		return b.Audit.RecordIn(ctx, tx, "minutes.return", id.String(), nil)
	})
}

// Sign fixes minutes in review and gives them the next number of the year. Who
// signs is the account that does it, under its own name.
func (b *Book) Sign(ctx context.Context, id uuid.UUID) (Minutes, error) {
	return b.review(ctx, id, func(tx pgx.Tx, _ head, by account.Account) error {
		if !maySign(by) {
			return problem.Forbidden("minutes are signed by the staff of the house")
		}
		now := b.Now()
		number, err := b.nextNumber(ctx, tx, now.In(b.zone).Year())
		if err != nil {
			return err
		}
		const q = `
update minutes set state = 'signed', number = @number, signer = @signer, signed_at = @now, signed_by = @by,
    revision = revision + 1, updated_at = now()
where id = @id`
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "number": number, "signer": by.Name, "now": now, "by": by.ID,
		}); err != nil {
			return err
		}
		return b.Audit.RecordIn(ctx, tx, "minutes.sign", id.String(), map[string]any{"number": number, "signer": by.Name})
	})
}

// nextNumber takes a year's next number. The counter's row stays locked until
// the signing is committed; a signing that fails gives the number back.
func (b *Book) nextNumber(ctx context.Context, tx pgx.Tx, year int) (string, error) {
	const q = `
insert into minutes_numbers (year, last) values ($1, 1)
on conflict (year) do update set last = minutes_numbers.last + 1 returning last`
	var n int
	if err := tx.QueryRow(ctx, q, year).Scan(&n); err != nil {
		return "", fmt.Errorf("take a number of %d: %w", year, err)
	}
	return fmt.Sprintf("%s〔%d〕%d号", b.House.Prefix, year, n), nil
}

// Correct begins a new version of signed minutes, or opens the one begun.
func (b *Book) Correct(ctx context.Context, id uuid.UUID) (Minutes, error) {
	var next head
	_, err := b.turn(ctx, id, func(tx pgx.Tx, h head, by account.Account) error {
		if h.State != StateSigned {
			return ErrNotSigned
		}
		last, err := newest(ctx, tx, h.MeetingID)
		if err != nil {
			return err
		}
		if last.State != StateSigned {
			next = last
			return nil
		}
		next = last
		next.ID, next.Version, next.State, next.Corrects = uuid.Must(uuid.NewV7()), last.Version+1, StateDraft, &last.ID
		next.Number, next.Signer, next.SignedAt, next.Revision, next.ReturnReason = nil, nil, nil, 1, ""
		if err := insertHead(ctx, tx, next, by); err != nil {
			return err
		}
		blocks, err := readBlocks(ctx, tx, last.ID)
		if err != nil {
			return err
		}
		for i, old := range blocks {
			if _, err := insertBlock(ctx, tx, next.ID, i, BlockText{old.Kind, old.Text, old.Owner, old.Due}, by); err != nil {
				return err
			}
		}
		return b.Audit.RecordIn(ctx, tx, "minutes.correct", id.String(), map[string]any{"next": next.ID})
	})
	if err != nil {
		return Minutes{}, err
	}
	b.announce(ctx, next)
	return b.minutes(ctx, b.Pool, next)
}
