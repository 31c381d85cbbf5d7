package chat

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// cabinet gives any file but the lost one.
type cabinet struct{ lost uuid.UUID }

// Claim implements Files.
func (c cabinet) Claim(_ context.Context, _ pgx.Tx, _ Caller, ids []uuid.UUID) ([]Attachment, error) {
	var all []Attachment
	for _, id := range ids {
		if id == c.lost {
			return nil, problem.NotFound("file").At("attachments")
		}
		all = append(all, Attachment{ID: id, Name: "合影.jpg", Type: "image/jpeg", Size: 5})
	}
	return all, nil
}

func TestFilesAreForReadersOfTheirMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 4) // the last one is in no room
	h.store.Files = cabinet{}
	ctx, file, never := t.Context(), uuid.New(), uuid.New()
	e, err := h.store.Post(ctx, h.people[0], NewMessage{Room: h.room, ClientID: "1", Attachments: []uuid.UUID{file}})
	if err != nil {
		t.Fatal(err)
	}
	guest := Caller{Person: Person{ID: uuid.New(), Kind: GuestPerson, Name: "来宾"}, GuestRoom: h.room}
	elsewhere, lobby := guest, guest
	elsewhere.GuestRoom, lobby.GuestRoom = uuid.New(), uuid.Nil
	check := func(when string, file uuid.UUID, want map[string]bool) {
		t.Helper()
		for who, c := range map[string]Caller{
			"author": h.people[0], "member": h.people[1], "leaver": h.people[2], "outsider": h.people[3],
			"guest": guest, "guest elsewhere": elsewhere, "guest in the lobby": lobby,
		} {
			if err := h.store.MayReadFile(ctx, c, file); (err == nil) != want[who] || err != nil && !errors.Is(err, ErrNoFile) {
				t.Errorf("%s, %s: %v", when, who, err)
			}
		}
	}
	check("posted", file, map[string]bool{"author": true, "member": true, "leaver": true, "guest": true})
	check("never posted", never, nil)
	if err := h.store.RemoveMember(ctx, h.people[2].ID, h.room, h.people[2].ID); err != nil {
		t.Fatal(err)
	}
	check("after one left", file, map[string]bool{"author": true, "member": true, "guest": true})
	carried := func(want int) {
		t.Helper()
		if found, err := h.store.CarriedFiles(ctx, []uuid.UUID{file, never}); err != nil || len(found) != want {
			t.Errorf("carried: %v, %v; want %d", found, err, want)
		}
	}
	carried(1)
	if _, err := h.store.Delete(ctx, h.people[0], h.room, e.Message.ID); err != nil {
		t.Fatal(err)
	}
	check("taken back", file, nil)
	carried(0)
}

// A reply to nothing but files quotes the name of the first.
func TestRepliesQuoteTheNameOfAFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	h.store.Files = cabinet{}
	ctx := t.Context()
	files, err := h.store.Post(ctx, h.people[0], NewMessage{Room: h.room, ClientID: "1", Attachments: []uuid.UUID{uuid.New(), uuid.New()}})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := h.store.Post(ctx, h.people[0], NewMessage{Room: h.room, ClientID: "2", Text: "好看", ReplyTo: &files.Message.ID})
	if err != nil || reply.Message.ReplyTo == nil || reply.Message.ReplyTo.Text != "[合影.jpg]" {
		t.Errorf("quotes %+v, err %v", reply.Message.ReplyTo, err)
	}
	if _, err := h.store.Delete(ctx, h.people[0], h.room, files.Message.ID); err != nil {
		t.Fatal(err)
	}
	m, err := h.store.Message(ctx, h.people[0], h.room, reply.Message.ID)
	if err != nil || m.ReplyTo == nil || m.ReplyTo.Text != "" {
		t.Errorf("of what was taken back it quotes %+v, err %v", m.ReplyTo, err)
	}
}

func TestOnePostWithALostFileDoesNotSpoilTheOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	lost := uuid.New()
	h.store.Files = cabinet{lost}
	batch := []*posting{}
	for i, file := range []uuid.UUID{uuid.New(), lost, uuid.New()} {
		n := NewMessage{Room: h.room, ClientID: fmt.Sprint(i), Attachments: []uuid.UUID{file}}
		batch = append(batch, &posting{by: h.people[0], NewMessage: n, id: uuid.New(), err: errNotStored})
	}
	h.store.store(t.Context(), h.room, batch)
	for i, want := range []string{"", "file_not_found", ""} {
		if problem.Code(batch[i].err) != want || (want == "") != (batch[i].err == nil) {
			t.Errorf("post %d: %v", i, batch[i].err)
		}
	}
	if batch[2].event.Seq != batch[0].event.Seq+1 {
		t.Errorf("sequence numbers %d and %d", batch[0].event.Seq, batch[2].event.Seq)
	}
}
