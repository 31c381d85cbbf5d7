package contacts

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Categories lists the categories, each with the number of contacts in it
// that the caller may see.
func (c *Contacts) Categories(ctx context.Context) ([]Category, error) {
	s, err := scopeOf(ctx)
	if err != nil {
		return nil, err
	}
	const q = `
select g.id, g.code, g.name_zh, g.name_en, g.builtin, (
    select count(*) from contact_categories cc join contacts c on c.id = cc.contact_id
    where cc.category_id = g.id and ($1::uuid is null or c.station_id = $1)) as count
from categories g order by g.position, g.id`
	rows, _ := c.pool.Query(ctx, q, s.station)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Category])
	if err != nil {
		return nil, fmt.Errorf("list categories: %w", err)
	}
	return found, nil
}

// CreateCategory adds a category of the organisation's own; for staff.
func (c *Contacts) CreateCategory(ctx context.Context, n NewCategory) (Category, error) {
	if _, err := account.RequireStaff(ctx); err != nil {
		return Category{}, err
	}
	var err error
	if n.NameZH, err = label.Required("name_zh", n.NameZH, 50); err != nil {
		return Category{}, err
	}
	if n.NameEN, err = label.Required("name_en", n.NameEN, 100); err != nil {
		return Category{}, err
	}
	id := uuid.Must(uuid.NewV7())
	created := Category{ID: id, Code: "own-" + id.String(), NameZH: n.NameZH, NameEN: n.NameEN}
	err = postgres.InTx(ctx, c.pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `
insert into categories (id, code, name_zh, name_en, position)
select @id, @code, @name_zh, @name_en, max(position) + 1 from categories`
		if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "code": created.Code, "name_zh": n.NameZH, "name_en": n.NameEN,
		}); err != nil {
			return err
		}
		return c.audit.RecordIn(ctx, tx, "categories.create", id.String(), map[string]any{"name": n.NameZH})
	})
	if _, there := postgres.Duplicate(err); there {
		return Category{}, problem.New(http.StatusConflict, "category_exists", "there is a category of this name").At("name_zh")
	}
	if err != nil {
		return Category{}, fmt.Errorf("create category: %w", err)
	}
	return created, nil
}
