import { createStore, type StoreApi } from "zustand/vanilla";
import { Disconnected, Refusal } from "../link/answers";
import type { MeetingFrame } from "../link/dispatch";
import type { Link, LinkState } from "../link/link";
import type {
  ICEServer,
  Offer,
  Quality,
  RemovedReason,
  ScreenMode,
  Snapshot,
  Source,
  Tile,
  Welcome,
} from "../wire/messages";
import { Redundancy } from "./media/encodings";
import { Lifeline } from "./media/lifeline";
import type { LocalMedia, LocalState } from "./media/local";
import { whenNetworkChanges } from "./media/network";
import { Peer } from "./media/peer";
import { type Cause, type Counters, countersOf, judge, steady } from "./media/quality";
import { Repetition } from "./media/repetition";
import { adaptScreen, captureScreen } from "./media/screen";
import { OnScreen } from "./onScreen";
import { apply, firstSeats, fromSnapshot, isSending, type Live, myself, seatsFor, streamsOf } from "./state";

/** Why we are not in the meeting any more. */
export type LeftReason =
  | RemovedReason
  | "left"
  | "alone"
  | "refused"
  | "locked"
  | "failed"
  | "forbidden"
  | "outdated";

/** Where we stand with the meeting. */
export type Phase =
  | { phase: "preparing" }
  | { phase: "knocking" }
  /** In the lobby. Live: the meeting has begun. */
  | { phase: "waiting"; live: boolean }
  | { phase: "joining" }
  | { phase: "in"; live: Live; media: RTCPeerConnectionState }
  | { phase: "left"; reason: LeftReason };

/** Something to tell the person once. */
export type Note =
  | { kind: "muted"; source: Source; by: string }
  | { kind: "unmute_asked"; source: Source; by: string }
  | { kind: "cheered"; participant: string; emoji: string }
  /** It was on when the connection was lost, and is off now. */
  | { kind: "recording_stopped" }
  | { kind: "screen_failed" };

export interface MeetingStore {
  at: Phase;
  /** What we send, or want to send. */
  sending: { microphone: boolean; camera: boolean; screen: boolean };
  /** What a shared screen shows: text stays sharp, motion stays smooth. */
  mode: ScreenMode;
  quality: Quality;
  cause: Cause | undefined;
  /** Seats by number; the tracks of those who sit there. */
  seats: { audio: MediaStreamTrack; video: MediaStreamTrack }[];
}

const checkEvery = 2500;

/**
 * Meeting is one visit to a room's meeting: the lobby, the media and what the
 * node tells. It holds a connection and gives it back in close.
 */
export class Meeting {
  readonly store: StoreApi<MeetingStore> = createStore<MeetingStore>()(() => ({
    at: { phase: "preparing" },
    sending: { microphone: false, camera: false, screen: false },
    mode: "text",
    quality: "good",
    cause: undefined,
    seats: [],
  }));
  readonly local: LocalMedia;
  readonly room: string;
  private readonly link: Link;
  private readonly notes = new Set<(note: Note) => void>();
  private readonly stops: (() => void)[] = [];
  private peer: Peer | undefined;
  /** Relays that the node lends us, for networks that let nothing else through. */
  private iceServers: ICEServer[] = [];
  private screen: MediaStream | undefined;
  /** What a moderator has muted and we have not switched on again since. */
  private readonly muted = new Set<Source>();
  private counters: Counters | undefined;
  private readonly redundancy = new Redundancy();
  private readonly repetition = new Repetition();
  private readonly recent: Quality[] = [];
  private readonly lifeline = new Lifeline({
    restart: () => this.restart(),
    beginAnew: () => this.beginAnew(),
  });
  private readonly onScreen = new OnScreen((tiles) => this.tellView(tiles));

  /** Sends what the devices give; they may have been shown in a mirror before. */
  constructor(link: Link, room: string, local: LocalMedia) {
    this.link = link;
    this.room = room;
    this.local = local;
    this.stops.push(link.onWelcome((welcome) => void this.welcomed(welcome)));
    this.stops.push(link.state.subscribe((state) => this.linkChanged(state)));
    this.stops.push(this.local.store.subscribe((devices) => this.devicesChanged(devices)));
    const timer = setInterval(() => void this.check(), checkEvery);
    this.stops.push(() => clearInterval(timer));
    this.stops.push(whenNetworkChanges(this.networkChanged));
  }

  /** Calls back for notes; returns what stops it. */
  onNote(listener: (note: Note) => void): () => void {
    this.notes.add(listener);
    return () => this.notes.delete(listener);
  }

  /** The peer connection, for tests that read its statistics. */
  get connection(): RTCPeerConnection | undefined {
    return this.peer?.connection;
  }

  // Coming and going.

  /** Asks to come in: knocks when one has to, joins when one may. */
  async enter(want: { microphone: boolean; camera: boolean }): Promise<void> {
    const { microphone, camera } = this.local.store.getState();
    const works = {
      microphone: want.microphone && microphone.phase !== "problem",
      camera: want.camera && camera.phase !== "problem",
    };
    this.store.setState((s) => ({ sending: { ...s.sending, ...works }, at: { phase: "knocking" } }));
    await this.knock();
  }

  /** Comes back to the mirror after having left. */
  again(): void {
    if (this.store.getState().at.phase === "left") this.setPhase({ phase: "preparing" });
  }

  /** Comes straight back in after a reload, sending what was sent before as soon as the devices give it. */
  async resume(want: { microphone: boolean; camera: boolean }): Promise<void> {
    this.store.setState((s) => ({ sending: { ...s.sending, ...want }, at: { phase: "knocking" } }));
    void this.local.start("microphone");
    if (want.camera) void this.local.start("camera");
    await this.knock();
  }

  /** Leaves for good; alone, because nobody else is left in a call. */
  leave(reason: "left" | "alone" = "left"): void {
    this.link.send("leave", {});
    this.out(reason);
  }

  /** Ends the meeting for everybody. */
  async end(): Promise<void> {
    await this.link.request("end", {});
    if (!this.hasLeft()) this.out("ended");
  }

  /** Gives back the connection. The devices belong to whoever made them. */
  close(): void {
    if (this.store.getState().at.phase === "in") this.link.send("leave", {});
    for (const stop of this.stops.splice(0)) stop();
    this.hangUp();
    this.repetition.close();
  }

  private async knock(): Promise<void> {
    try {
      const { admitted, live, ice_servers } = await this.link.request("knock", { room: this.room });
      if (this.hasLeft()) return;
      this.iceServers = ice_servers;
      if (admitted) await this.join();
      else this.setPhase({ phase: "waiting", live });
    } catch (error) {
      this.notLetIn(error);
    }
  }

  /** Joins, or joins once more: a restarted node knows nothing of us, but the stage stays as it is. */
  private async join(): Promise<void> {
    if (this.store.getState().at.phase !== "in") this.setPhase({ phase: "joining" });
    await this.repetition.prepared;
    if (this.repetition.closed || this.hasLeft()) return;
    this.peer?.close();
    const changed = (state: RTCPeerConnectionState) => this.mediaChanged(peer, state);
    const peer: Peer = new Peer(firstSeats, this.iceServers, changed, this.repetition);
    this.peer = peer;
    try {
      await this.sendLocal();
      await this.giveScreen();
      await peer.negotiate(async (offer) => {
        const joined = await this.link.request("join", { room: this.room, offer, live: this.liveSources() });
        if (peer !== this.peer) throw new Disconnected();
        this.tookSnapshot(joined.snapshot, peer.connection.connectionState);
        this.link.stay();
        return joined.answer;
      });
      this.store.setState({ seats: peer.seats });
      this.mediaChanged(peer, peer.connection.connectionState);
      this.lifeline.watch(peer.connection);
      await this.grow();
    } catch (error) {
      // Whoever closed this peer meanwhile has begun another, or has left.
      if (peer === this.peer) this.notLetIn(error);
    }
  }

  private hasLeft(): boolean {
    const { phase } = this.store.getState().at;
    return phase === "preparing" || phase === "left";
  }

  /** Reads why the node did not let us in. A lost link is no answer: the next welcome asks again. */
  private notLetIn(error: unknown): void {
    if (this.hasLeft()) return;
    if (error instanceof Disconnected) {
      if (this.store.getState().at.phase !== "in") this.setPhase({ phase: "knocking" });
      return;
    }
    const code = error instanceof Refusal ? error.code : "internal";
    if (error instanceof Refusal && error.node !== undefined) return this.follow(error.node);
    if (code === "must_knock") return this.setPhase({ phase: "waiting", live: true });
    if (code === "not_found") return this.setPhase({ phase: "waiting", live: false });
    if (code === "locked" || code === "ended" || code === "forbidden") return this.out(code);
    this.out("failed");
  }

  /** The meeting is at another node: its welcome there asks again. Who is in stays on the stage meanwhile. */
  private follow(node: string): void {
    if (this.store.getState().at.phase !== "in") this.setPhase({ phase: "knocking" });
    this.link.moveTo(node);
  }

  /** The link is there, again or for the first time. */
  private async welcomed(welcome: Welcome): Promise<void> {
    const { at } = this.store.getState();
    // The link becomes open right after its welcomes were heard.
    await Promise.resolve();
    if (at.phase === "knocking" || at.phase === "waiting" || at.phase === "joining") return this.knock();
    if (at.phase !== "in") return;
    if (!welcome.resumed || welcome.snapshot?.meeting.room !== this.room) return this.knock();
    this.tookSnapshot(welcome.snapshot, at.media);
    this.tellSources(welcome.snapshot.me);
    if (this.peer && this.peer.connection.connectionState !== "connected") await this.restart();
    await this.grow();
  }

  /** The meeting as the node has it now; it has not heard yet what we look at. */
  private tookSnapshot(snapshot: Snapshot, media: RTCPeerConnectionState): void {
    const { at } = this.store.getState();
    const live = fromSnapshot(snapshot);
    this.peer?.wantAll();
    for (const { source, layers } of snapshot.wanted) void this.peer?.want(source, layers);
    const recorded = at.phase === "in" && at.live.meeting.recording.on;
    this.setPhase({ phase: "in", live, media });
    this.muted.clear();
    for (const { source, muted } of myself(live)?.sources ?? []) if (muted) this.mutedBy(source, "");
    this.onScreen.again();
    if (recorded && !live.meeting.recording.on) this.note({ kind: "recording_stopped" });
  }

  /** A node that does not know us any more does not let us back in. */
  private linkChanged(state: LinkState): void {
    if (state.phase !== "closed" || this.hasLeft()) return;
    if (state.reason === "unauthorized") this.out("revoked");
    if (state.reason === "version") this.out("outdated");
  }

  // What the node says.

  /** Takes a message of the node. */
  take(frame: MeetingFrame): void {
    const { at } = this.store.getState();
    if (frame.type === "admitted" && frame.body.room === this.room && at.phase === "waiting") {
      this.iceServers = frame.body.ice_servers;
      return void this.join();
    }
    if (frame.type === "refused" && frame.body.room === this.room) return this.out("refused");
    if (frame.type === "removed" && frame.body.room === this.room) return this.out(frame.body.reason);
    if (at.phase !== "in") return;
    if (frame.type === "wanted") return void this.peer?.want(frame.body.source, frame.body.layers);
    if (frame.type === "cheered") return this.note({ kind: "cheered", ...frame.body });
    if (frame.type === "muted") return this.mutedBy(frame.body.source, this.nameOf(frame.body.by));
    if (frame.type === "unmute_asked") {
      return this.note({ kind: "unmute_asked", source: frame.body.source, by: this.nameOf(frame.body.by) });
    }
    this.setPhase({ ...at, live: apply(at.live, frame) });
    void this.grow();
  }

  /** Hears whether a room has a live meeting: who waits for it learns that it has begun. */
  heard({ room, live }: { room: string; live: boolean }): void {
    if (room === this.room && this.store.getState().at.phase === "waiting")
      this.setPhase({ phase: "waiting", live });
  }

  /** A moderator's mute holds until we, who know of it, switch the source on again. */
  private mutedBy(source: Source, by: string): void {
    this.muted.add(source);
    if (!this.liveSources().includes(source)) return;
    if (source === "screen" || source === "screen-audio") this.stopScreen();
    else this.setSending(source, false);
    this.note({ kind: "muted", source, by });
  }

  private tellSource(source: Source, live: boolean, more: { mode?: ScreenMode } = {}): void {
    const lift = live && this.muted.delete(source) ? { lift: true } : {};
    this.link.send("source", { source, live, ...lift, ...more });
  }

  private nameOf(id: string): string {
    const { at } = this.store.getState();
    return at.phase === "in" ? (at.live.participants.find((p) => p.id === id)?.name ?? "") : "";
  }

  // What we send.

  /** Switches microphone or camera on or off. */
  toggle(device: "microphone" | "camera", on = !this.store.getState().sending[device]): void {
    if (this.store.getState().sending[device] === on && this.local.track(device)) return;
    this.setSending(device, on);
    if (on && !this.local.track(device)) void this.local.start(device);
    if (!on && device === "camera") this.local.stop("camera");
  }

  /** A device that does not start, or was pulled out, is not shown as sent: not to us, and not to the others. */
  private devicesChanged(devices: LocalState): void {
    void this.sendLocal();
    for (const device of ["microphone", "camera"] as const) {
      const works = devices[device].phase !== "problem";
      if (!works && this.store.getState().sending[device]) this.setSending(device, false);
    }
  }

  /** Shares a screen, a window or a tab, with its sound where the browser can. */
  async shareScreen(mode: ScreenMode = this.store.getState().mode): Promise<void> {
    const result = await captureScreen(mode);
    if (result.outcome === "cancelled") return;
    if (result.outcome === "failed" || !this.peer) return this.note({ kind: "screen_failed" });
    this.stopScreen();
    this.screen = result.stream;
    const video = result.stream.getVideoTracks()[0];
    if (video) video.onended = () => this.stopScreen();
    this.store.setState((s) => ({ sending: { ...s.sending, screen: true }, mode }));
    await this.sendScreen();
  }

  /** Says what the shared screen shows, before or while it is shared. */
  async setMode(mode: ScreenMode): Promise<void> {
    this.store.setState({ mode });
    if (!this.screen) return;
    adaptScreen(this.screen, mode);
    await this.sendScreen();
  }

  /** Stops sharing. */
  stopScreen(): void {
    const had = this.screen;
    this.screen = undefined;
    if (!had) return;
    for (const track of had.getTracks()) {
      track.onended = null;
      track.stop();
    }
    this.store.setState((s) => ({ sending: { ...s.sending, screen: false } }));
    void this.sendScreen();
  }

  /** Our own shared screen, to show that it is shared. */
  get screenStream(): MediaStream | undefined {
    return this.screen;
  }

  private async sendScreen(): Promise<void> {
    const { video, audio } = await this.giveScreen();
    const { mode } = this.store.getState();
    this.tellSource("screen", video !== null, { mode });
    this.tellSource("screen-audio", audio !== null);
  }

  /** Gives the shared screen to the connection of the moment. */
  private async giveScreen() {
    const video = this.screen?.getVideoTracks()[0] ?? null;
    const audio = this.screen?.getAudioTracks()[0] ?? null;
    await this.peer?.send("screen", video);
    await this.peer?.send("screen-audio", audio);
    await this.peer?.setMode(this.store.getState().mode);
    return { video, audio };
  }

  private setSending(device: "microphone" | "camera", on: boolean): void {
    this.store.setState((s) => ({ sending: { ...s.sending, [device]: on } }));
    void this.sendLocal();
    if (this.store.getState().at.phase === "in") this.tellSource(device, on);
  }

  /** Brings what the connection sends in line with what we want to send. */
  private async sendLocal(): Promise<void> {
    const { sending } = this.store.getState();
    for (const device of ["microphone", "camera"] as const) {
      const track = this.local.track(device);
      if (device === "microphone" && track) track.enabled = sending.microphone;
      const wanted = device === "microphone" || sending.camera ? track : undefined;
      await this.peer?.send(device, wanted ?? null);
    }
  }

  private liveSources(): Source[] {
    const { sending } = this.store.getState();
    const live: Source[] = [];
    if (sending.microphone) live.push("microphone");
    if (sending.camera) live.push("camera");
    if (this.screen) live.push("screen");
    if (this.screen?.getAudioTracks().length) live.push("screen-audio");
    return live;
  }

  /** After a resume the node may know an older state of our sources. */
  private tellSources(me: string): void {
    const { at } = this.store.getState();
    const self = at.phase === "in" ? at.live.participants.find((p) => p.id === me) : undefined;
    if (!self) return;
    const wanted = this.liveSources();
    for (const source of ["microphone", "camera", "screen", "screen-audio"] as const) {
      const live = wanted.includes(source);
      const mode = source === "screen" && live ? { mode: this.store.getState().mode } : {};
      if (isSending(self, source) !== live) this.tellSource(source, live, mode);
    }
  }

  // What we see.

  /** Says which tiles are on screen, most important first. */
  view(tiles: Tile[]): void {
    this.onScreen.show(tiles);
  }

  private tellView(tiles: Tile[]): boolean {
    if (this.store.getState().at.phase !== "in") return false;
    this.link.send("view", { tiles });
    return true;
  }

  /** Adds seats when more is sent than we can receive. */
  private async grow(): Promise<void> {
    const { at } = this.store.getState();
    const peer = this.peer;
    if (at.phase !== "in" || !peer) return;
    const present = peer.seats.length;
    const wanted = seatsFor(streamsOf(at.live).length, present);
    if (wanted <= present) return;
    peer.addSeats(wanted);
    await peer.negotiate((offer) => this.exchange(offer)).catch(() => undefined);
    if (peer === this.peer) this.store.setState({ seats: peer.seats });
  }

  private async exchange(offer: Offer): Promise<string> {
    const { sdp } = await this.link.request("offer", { offer });
    return sdp;
  }

  // The connection.

  private mediaChanged(peer: Peer, state: RTCPeerConnectionState): void {
    if (peer !== this.peer) return;
    const { at } = this.store.getState();
    if (at.phase === "in") this.setPhase({ ...at, media: state });
    this.lifeline.changed(state);
  }

  /** The device is on another network: the old path is not worth waiting for. */
  private readonly networkChanged = (): void => {
    if (this.store.getState().at.phase === "in") void this.restart();
  };

  private async restart(): Promise<void> {
    await this.renewRelays();
    await this.peer?.negotiate((offer) => this.exchange(offer), { restart: true }).catch(() => undefined);
  }

  /** A relay is lent for minutes only: a new network path needs new credentials. */
  private async renewRelays(): Promise<void> {
    if (this.iceServers.length === 0) return;
    try {
      const { admitted, ice_servers } = await this.link.request("knock", { room: this.room });
      if (!admitted) return;
      this.iceServers = ice_servers;
      this.peer?.takeRelays(ice_servers);
    } catch {
      // The old ones may still do, and other paths need none.
    }
  }

  private async check(): Promise<void> {
    const { at, quality } = this.store.getState();
    if (at.phase !== "in" || !this.peer) return;
    const report = await this.peer.connection.getStats();
    const now = countersOf(report.values());
    const judgement = this.counters ? judge(this.counters, now) : { quality: "good" as const };
    this.counters = now;
    this.recent.push(judgement.quality);
    this.recent.splice(0, this.recent.length - 3);
    const shown = steady(quality, this.recent);
    this.store.setState({ quality: shown, cause: judgement.cause });
    void this.peer.repeatSounds(this.redundancy.read(now.soundLoss));
    if (shown !== quality) this.link.send("quality", { quality: shown });
    if (this.peer.connection.connectionState === "failed") await this.restart();
  }

  /** A connection has been coming about for so long that a new one is the better hope. */
  private beginAnew(): void {
    if (this.store.getState().at.phase === "in") void this.join();
  }

  private out(reason: LeftReason): void {
    this.setPhase({ phase: "left", reason });
    this.hangUp();
    this.local.stop("microphone");
    this.local.stop("camera");
  }

  private hangUp(): void {
    this.link.forget();
    this.onScreen.stop();
    this.lifeline.stop();
    this.stopScreen();
    this.peer?.close();
    this.peer = undefined;
    this.counters = undefined;
    this.recent.length = 0;
    this.store.setState({ seats: [] });
  }

  private note(note: Note): void {
    for (const listener of this.notes) listener(note);
  }

  private setPhase(at: Phase): void {
    this.store.setState({ at });
  }
}

/** Whether our own hand is up. */
export function handRaised(live: Live): boolean {
  return myself(live)?.hand_raised_at !== undefined;
}
