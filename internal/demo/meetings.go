package demo

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/minutes"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

const house = "Asia/Shanghai"

// wall writes a moment as the house's clock shows it.
func wall(at time.Time) (string, error) {
	loc, err := clock.Zone("house_time_zone", house)
	if err != nil {
		return "", err
	}
	return at.In(loc).Format("2006-01-02T15:04"), nil
}

// plan lays out a meeting with a station and an expert from outside.
func (f *filling) plan(title string, starts time.Time, station, expert string, agenda ...schedule.NewAgendaItem) (schedule.NewMeeting, error) {
	from, err := wall(starts)
	if err != nil {
		return schedule.NewMeeting{}, err
	}
	to, err := wall(starts.Add(time.Hour))
	if err != nil {
		return schedule.NewMeeting{}, err
	}
	s, e, colleague := f.stations[station].ID, f.experts[expert].ID, f.people["chenhao"].ID
	return schedule.NewMeeting{
		Title: title, HostID: f.people[Staff].ID, StartsAt: from, EndsAt: to, TimeZone: house, MayBeRecorded: true, Agenda: agenda,
		Note: "演示会议，人物均为虚构。/ A demonstration; everybody in it is invented.",
		Invitees: []schedule.NewInvitee{
			{Kind: schedule.InviteeAccount, Ref: &colleague},
			{Kind: schedule.InviteeStation, Ref: &s},
			{Kind: schedule.InviteeContact, Ref: &e},
		},
	}, nil
}

// meetingOfToday begins in about an hour, at a full quarter.
func (f *filling) meetingOfToday(ctx context.Context) error {
	const quarter = 15 * time.Minute
	starts := f.Now.Add(time.Hour).Truncate(quarter)
	n, err := f.plan("徐州—墨西哥城人才项目交流会", starts, Station, "xu",
		schedule.NewAgendaItem{Title: "介绍徐州市人才政策", Minutes: 15},
		schedule.NewAgendaItem{Title: "Agricultural robotics: possible joint projects", Minutes: 25},
		schedule.NewAgendaItem{Title: "商定下一步工作", Minutes: 20})
	if err != nil {
		return err
	}
	_, err = f.Schedule.Arrange(f.as(ctx, Staff), n)
	return err
}

// pastMeeting was held a week ago in the afternoon, and its minutes are begun.
func (f *filling) pastMeeting(ctx context.Context) error {
	loc, err := clock.Zone("house_time_zone", house)
	if err != nil {
		return err
	}
	year, month, day := f.Now.In(loc).AddDate(0, 0, -7).Date()
	starts := time.Date(year, month, day, 15, 0, 0, 0, loc)
	then := f.Schedule.At(func() time.Time { return starts })
	n, err := f.plan("徐州—曼谷物流合作座谈会", starts, "bangkok", "anong",
		schedule.NewAgendaItem{Title: "通报淮海国际陆港建设情况", Minutes: 20},
		schedule.NewAgendaItem{Title: "讨论跨境物流人才培养", Minutes: 30})
	if err != nil {
		return err
	}
	m, err := then.Arrange(f.as(ctx, Staff), n)
	if err != nil {
		return err
	}
	if err := f.hold(ctx, then, m, starts); err != nil {
		return err
	}
	return f.writeMinutes(f.as(ctx, Staff), m.ID)
}

func (f *filling) hold(ctx context.Context, then *schedule.Schedule, m schedule.Meeting, starts time.Time) error {
	host, station := f.people[Staff], f.people["bangkok"]
	if _, err := then.Begin(ctx, m.RoomID, host.ID); err != nil {
		return err
	}
	guest := m.Invitees[len(m.Invitees)-1]
	for _, p := range []struct {
		id         uuid.UUID
		kind, name string
		after      time.Duration
	}{
		{host.ID, "account", host.Name, 0},
		{station.ID, "account", station.Name, 2 * time.Minute},
		{guest.ID, "guest", guest.Name, 4 * time.Minute},
	} {
		if err := then.RecordJoin(ctx, m.ID, p.id, p.kind, p.name, starts.Add(p.after)); err != nil {
			return err
		}
	}
	return then.End(ctx, m.ID, starts.Add(55*time.Minute))
}

func (f *filling) writeMinutes(ctx context.Context, meeting uuid.UUID) error {
	m, err := f.Minutes.Start(ctx, meeting)
	if err != nil {
		return err
	}
	due := f.Now.AddDate(0, 0, 21).Format(time.DateOnly)
	for _, b := range []minutes.BlockText{
		{Kind: minutes.BlockDiscussion, Text: "林悦介绍了淮海国际陆港的班列线路和仓储情况。曼谷站介绍了当地物流企业对双语人才的需求。"},
		{Kind: minutes.BlockDiscussion, Text: "Ms Wattana described the Forum's training programme and offered twenty places a year for students from Xuzhou."},
		{Kind: minutes.BlockDecision, Text: "会议商定，双方共同举办跨境物流人才培训班，首期安排在明年春季。"},
		{Kind: minutes.BlockAction, Text: "起草培训班合作备忘录（中英文）。", Owner: "陈浩", Due: &due},
		{Kind: minutes.BlockAction, Text: "提供首批学员名单。", Owner: "曼谷工作站", Due: &due},
	} {
		if _, err := f.Minutes.AddBlock(ctx, m.ID, minutes.NewBlock{BlockText: b}); err != nil {
			return err
		}
	}
	copies := "市委统战部，各海外招才引智工作站"
	_, err = f.Minutes.Update(ctx, m.ID, minutes.MinutesChange{Revision: m.Revision, CopiesTo: &copies})
	return err
}
