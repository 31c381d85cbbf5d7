import type * as gen from "./gen/types.gen";

// The server's types under the names that the client uses. They are generated
// from the server's own description by `npm run gen`.

export type Server = gen.Server;
export type Account = gen.Account;
export type AccountRole = Account["role"];
export type Session = gen.Session;
/** What the link of a new account opens. */
export type AccountInvitation = gen.Invitation;
/** What a guest's link opens. */
export type Invitation = gen.Invited;
export type GuestSession = gen.Guest;
export type Room = gen.Room;
export type RoomDetail = gen.RoomDetail;
/** A topic of a room. */
export type TopicPage = gen.TopicPage;
export type PinnedMessage = gen.PinnedMessage;
export type MessageVersion = gen.Version;
export type ReadList = gen.ReadList;
export type Reader = gen.Reader;
/** Who was reminded, and when they hear of it. */
export type Chased = gen.Chased;
export type Scheduled = gen.Scheduled;
export type ScheduledContent = gen.Content;
export type Station = gen.Station;
export type OfficeHours = gen.OfficeHours;
export type Meeting = gen.Meeting;
export type Invitee = gen.Invitee;
export type MeetingDraft = gen.NewMeeting;
export type InviteeDraft = gen.NewInvitee;
export type InviteeLink = gen.InviteeLink;
export type Attendance = gen.Attendance;
export type Recording = gen.Recording;
export type RecordingFile = Recording["files"][number];
/** A find of the people picker. */
export type Found = gen.Pick;
export type Minutes = gen.Minutes;
export type Attendee = gen.Attendee;
export type Block = gen.Block;
export type BlockKind = Block["kind"];
export type BlockVersion = gen.BlockVersion;
export type Category = gen.Category;
export type ContactRow = gen.ContactRow;
export type ContactPage = gen.ContactPage;
export type Contact = gen.Contact;
export type ContactField = gen.ContactField;
export type ContactFieldKind = ContactField["kind"];
export type ContactDraft = gen.NewContact;
/** What one source of the search found, and one thing of it. */
export type FoundGroup = gen.HitGroup;
export type FoundKind = FoundGroup["kind"];
export type Hit = gen.Hit;
/** A part of a text; a hit is what was searched for. */
export type Piece = gen.Piece;
export type Notice = gen.Notice;
export type NoticePage = gen.NoticePage;
export type NoticeKind = Notice["kind"];
export type Reminder = gen.Reminder;
export type NoticeSettings = gen.NoticeSettings;
export type PushBrowsers = gen.PushBrowsers;
export type Hook = gen.Hook;
export type HookDraft = gen.HookDraft;
export type HookKind = Hook["kind"];
export type Retention = gen.Retention;
export type Erasure = gen.Erasure;
export type Place = gen.Place;
/** A guest whose data may be erased. */
export type GuestFound = gen.GuestFound;
