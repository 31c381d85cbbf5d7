// Package erasure erases a person's data on demand, and proves it.
//
// Each part of the house erases what it keeps, and afterwards counts what is
// left: the proof holds both. Everything may be done again, so an erasure that
// was interrupted is finished by asking for it once more. At the end every column
// in which words could stand (see Columns) is searched for what the person was
// called; the proof says where that is still found.
package erasure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// PersonKind tells accounts from guests.
type PersonKind string

// The kinds of person.
const (
	AccountPerson PersonKind = "account"
	GuestPerson   PersonKind = "guest"
)

// Person is whose data is erased, and what they are called from then on.
type Person struct {
	ID     uuid.UUID
	Kind   PersonKind
	Called string
}

// Identity is what has to be known of a person before anything is gone.
type Identity struct {
	// Guests are the guests that are the same person.
	Guests []uuid.UUID
	// Called is what they are called everywhere: names, login names, addresses.
	Called []string
}

// Part is a part of the house that keeps data of people.
type Part interface {
	// Name is the part's, as the proof calls it.
	Name() string
	// Erase takes a person out and says what it found.
	Erase(ctx context.Context, p Person) (any, error)
	// Remains counts what is left, by what it is.
	Remains(ctx context.Context, p Person) (map[string]int64, error)
}

// Audit remembers who erased whom, and who looked for whom.
type Audit interface {
	Record(ctx context.Context, action, object string, details map[string]any) error
	RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error
}

// Erasures keeps the proofs.
type Erasures struct {
	Pool  *pgxpool.Pool
	Parts []Part // in the order in which they erase: first who lets people in
	// Who returns a problem when there is no such person.
	Who func(ctx context.Context, p Person) (Identity, error)
	// FindGuests finds guests by a part of a name or an address.
	FindGuests func(ctx context.Context, part string, limit int) ([]GuestFound, error)
	Audit      Audit
}

// Erasure is one person's, with its proof.
type Erasure struct {
	ID         uuid.UUID  `json:"id"`
	PersonID   uuid.UUID  `json:"person_id"`
	PersonKind PersonKind `json:"person_kind" enum:"account,guest"`
	ByID       uuid.UUID  `json:"by_id"`
	ByName     string     `json:"by_name"`
	Reason     string     `json:"reason"`
	StartedAt  time.Time  `json:"started_at"`
	// FinishedAt is absent while something failed: ask for the erasure again.
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	Proof      Proof      `json:"proof"`
}

// Proof says of each part what was erased and that nothing is left.
type Proof struct {
	Parts []PartProof `json:"parts" nullable:"false"`
	// Found is where a name or an address of the person is still found. Somebody else
	// of the same name is found, too. It is absent until it was searched for.
	Found []Place `json:"found,omitzero" nullable:"false" required:"false"`
	// Kept is what stays, and why.
	Kept []string `json:"kept" nullable:"false" enum:"minutes_and_attendance,recordings,words_of_others,audit,directory"`
}

// PartProof is what one part of the house says of the person, or of a guest that is
// the same person.
type PartProof struct {
	PersonID uuid.UUID        `json:"person_id"`
	Part     string           `json:"part"`
	Erased   any              `json:"erased"`
	Remains  map[string]int64 `json:"remains"`
}

// ErrNoErasure: there is no proof with that id.
var ErrNoErasure = problem.NotFound("erasure")

const maxReason = 500 // characters

// Pseudonym is what a person is called when their name is gone; the beginning of
// the id keeps two of them apart.
func Pseudonym(id uuid.UUID) string { return "已注销 Erased " + id.String()[28:] }

// Erase erases a person for the administrator in ctx, and returns the proof.
func (e *Erasures) Erase(ctx context.Context, kind PersonKind, id uuid.UUID, reason string) (Erasure, error) {
	by, err := account.RequireAdmin(ctx)
	if err != nil {
		return Erasure{}, err
	}
	reason = strings.TrimSpace(reason)
	switch n := utf8.RuneCountInString(reason); {
	case n < 1 || n > maxReason || strings.ContainsRune(reason, 0):
		return Erasure{}, problem.Invalid("reason", "1 to %d characters", maxReason)
	case by.ID == id:
		return Erasure{}, problem.Invalid("person_id", "administrators do not erase themselves")
	}
	p := Person{ID: id, Kind: kind, Called: Pseudonym(id)}
	who, err := e.Who(ctx, p)
	if err != nil {
		return Erasure{}, err
	}
	a, err := e.begin(ctx, p, who, by, reason)
	if err != nil {
		return Erasure{}, err
	}
	for _, p := range a.people {
		for _, part := range e.Parts {
			erased, err := part.Erase(ctx, p)
			if err != nil {
				return Erasure{}, fmt.Errorf("erase %s: %w", part.Name(), err)
			}
			a.Proof.Parts = append(a.Proof.Parts, PartProof{PersonID: p.ID, Part: part.Name(), Erased: erased})
		}
	}
	return a.Erasure, e.finish(ctx, &a)
}

// asked is an erasure under way.
type asked struct {
	Erasure
	Guests []uuid.UUID
	Sought []string
	people []Person
}

// begin notes that an erasure was asked for, before anything is gone. Asking
// again goes on with the first.
func (e *Erasures) begin(ctx context.Context, p Person, who Identity, by account.Account, reason string) (asked, error) {
	sought := slices.DeleteFunc(who.Called, func(name string) bool {
		return utf8.RuneCountInString(name) < 2 || name == p.Called || strings.HasPrefix(name, "erased-")
	})
	var a asked
	err := postgres.InTx(ctx, e.Pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `
insert into erasures as e (id, person_id, person_kind, by_id, by_name, reason, guests, sought)
values (@id, @person, @kind, @by, @name, @reason, coalesce(@guests::uuid[], '{}'), coalesce(@sought::text[], '{}'))
on conflict (person_id) do update set finished_at = null,
    guests = array(select unnest(e.guests) union select unnest(excluded.guests)),
    sought = array(select unnest(e.sought) union select unnest(excluded.sought))
returning ` + columns + `, guests, sought`
		rows, _ := tx.Query(ctx, q, pgx.NamedArgs{
			"id": uuid.Must(uuid.NewV7()), "person": p.ID, "kind": p.Kind, "by": by.ID, "name": by.Name, "reason": reason,
			"guests": who.Guests, "sought": sought,
		})
		var err error
		if a, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[asked]); err != nil {
			return fmt.Errorf("note erasure: %w", err)
		}
		return e.Audit.RecordIn(ctx, tx, "person.erase", p.ID.String(), map[string]any{"kind": p.Kind, "reason": reason})
	})
	a.people = []Person{p}
	for _, guest := range a.Guests {
		a.people = append(a.people, Person{ID: guest, Kind: GuestPerson, Called: p.Called})
	}
	a.Proof = Proof{Parts: []PartProof{}, Found: a.Proof.Found, Kept: reasons()}
	return a, err
}

// finish counts what is left, searches everything, and closes the proof when nothing
// is left. What was searched for is forgotten with it.
func (e *Erasures) finish(ctx context.Context, a *asked) (err error) {
	clean := true
	for i := range a.Proof.Parts {
		p, part := a.people[i/len(e.Parts)], e.Parts[i%len(e.Parts)]
		remains, err := part.Remains(ctx, p)
		if err != nil {
			return fmt.Errorf("look what is left in %s: %w", part.Name(), err)
		}
		a.Proof.Parts[i].Remains = remains
		for _, n := range remains {
			clean = clean && n == 0
		}
	}
	if len(a.Sought) > 0 {
		if a.Proof.Found, err = Search(ctx, e.Pool, a.Sought); err != nil {
			return err
		}
	}
	proof, err := json.Marshal(a.Proof)
	if err != nil {
		return fmt.Errorf("write proof: %w", err)
	}
	const q = `
update erasures set proof = $2, finished_at = case when $3 then clock_timestamp() end, sought = case when $3 then '{}' else sought end
where id = $1 returning finished_at`
	if err := e.Pool.QueryRow(ctx, q, a.ID, proof, clean).Scan(&a.FinishedAt); err != nil {
		return fmt.Errorf("keep proof: %w", err)
	}
	return nil
}

const columns = `id, person_id, person_kind, by_id, by_name, reason, started_at, finished_at, proof`

// List returns the newest erasures, for administrators.
func (e *Erasures) List(ctx context.Context) ([]Erasure, error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return nil, err
	}
	rows, _ := e.Pool.Query(ctx, `select `+columns+` from erasures order by id desc limit 200`)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Erasure])
	if err != nil {
		return nil, fmt.Errorf("list erasures: %w", err)
	}
	return list, nil
}

// Get returns one erasure with its proof, for administrators.
func (e *Erasures) Get(ctx context.Context, id uuid.UUID) (Erasure, error) {
	if _, err := account.RequireAdmin(ctx); err != nil {
		return Erasure{}, err
	}
	rows, _ := e.Pool.Query(ctx, `select `+columns+` from erasures where id = $1`, id)
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Erasure])
	if errors.Is(err, pgx.ErrNoRows) {
		return Erasure{}, ErrNoErasure
	}
	if err != nil {
		return Erasure{}, fmt.Errorf("read erasure: %w", err)
	}
	return found, nil
}
