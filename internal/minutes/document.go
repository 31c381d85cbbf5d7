package minutes

import (
	"context"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Document writes minutes as DOCX; the first result is the file's name.
func (b *Book) Document(ctx context.Context, id uuid.UUID) (string, []byte, error) {
	_, err := b.readable(ctx, id)
	if err == nil {
		err = problem.New(501, "not_implemented", "not built yet")
	}
	return "", nil, err
}
