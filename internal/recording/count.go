package recording

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Count returns how many recordings each of the meetings has. Who may know
// that, the caller has to decide.
func (r *Recorder) Count(ctx context.Context, meetings []uuid.UUID) (map[uuid.UUID]int, error) {
	const q = `select meeting_id, count(*) from recordings where meeting_id = any($1) group by meeting_id`
	rows, err := r.store.pool.Query(ctx, q, meetings)
	if err != nil {
		return nil, fmt.Errorf("count recordings: %w", err)
	}
	defer rows.Close()
	counts := make(map[uuid.UUID]int, len(meetings))
	for rows.Next() {
		var id uuid.UUID
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, fmt.Errorf("count recordings: %w", err)
		}
		counts[id] = n
	}
	return counts, rows.Err()
}
