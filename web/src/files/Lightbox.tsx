import { useLingui } from "@lingui/react/macro";
import { ChevronLeft, ChevronRight, Download, X } from "lucide-react";
import { useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { currentLanguage } from "../i18n/language";
import { cx } from "../ui/cx";
import { IconButton } from "../ui/IconButton";
import type { Attachment } from "../wire/messages";
import { downloadURL, fileURL } from "./addresses";
import { smallURL } from "./pictures";
import { sizeText } from "./sizes";

interface Props {
  pictures: readonly Attachment[];
  first: number;
  onClose: () => void;
}

/** The pictures of a message, one at a time over the whole page. Escape closes, the arrows turn. */
export function Lightbox({ pictures, first, onClose }: Props) {
  const { t } = useLingui();
  const [at, setAt] = useState(first);
  const [loaded, setLoaded] = useState<string>();
  const picture = pictures[at];
  if (!picture) return null;
  const turn = (step: number) => setAt((at + step + pictures.length) % pictures.length);
  const keyDown = (e: React.KeyboardEvent) => {
    if (e.key === "ArrowRight") turn(1);
    if (e.key === "ArrowLeft") turn(-1);
  };
  const place = `${at + 1} / ${pictures.length}`;
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(open) => open || onClose()}
      isDismissable
      className="fixed inset-0 z-50 bg-black/90"
    >
      <Modal className="size-full" data-theme="stage">
        <Dialog
          aria-label={picture.name}
          className="flex size-full flex-col text-ink outline-none"
          // The dialog takes the keys, whatever in it has the focus.
        >
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons do the same */}
          <div className="flex min-h-0 flex-1 flex-col" onKeyDown={keyDown}>
            <header className="flex items-center gap-2 p-2 pl-4">
              <p className="min-w-0 flex-1 truncate text-sm">
                {picture.name}
                <span className="tabular pl-3 text-ink-faint">
                  {sizeText(picture.size, currentLanguage())}
                </span>
              </p>
              {pictures.length > 1 ? (
                <p className="tabular text-ink-soft text-sm" aria-live="polite">
                  {place}
                </p>
              ) : null}
              <a
                href={downloadURL(picture.id)}
                download={picture.name}
                aria-label={t`Download ${picture.name}`}
                className="flex size-10 items-center justify-center rounded-[10px] hover:bg-sunken"
              >
                <Download size={20} />
              </a>
              <IconButton label={t`Close`} onPress={onClose} autoFocus>
                <X size={22} />
              </IconButton>
            </header>
            <div className="relative min-h-0 flex-1">
              <img
                key={`${picture.id} small`}
                src={smallURL(picture)}
                alt=""
                className={cx(
                  "absolute inset-0 size-full object-contain",
                  loaded === picture.id && "invisible",
                )}
              />
              <img
                key={picture.id}
                src={fileURL(picture.id)}
                alt={picture.name}
                onLoad={() => setLoaded(picture.id)}
                className="absolute inset-0 size-full object-contain"
              />
              {pictures.length > 1 ? (
                <>
                  <Turn label={t`Previous picture`} onPress={() => turn(-1)} side="left-2">
                    <ChevronLeft size={26} />
                  </Turn>
                  <Turn label={t`Next picture`} onPress={() => turn(1)} side="right-2">
                    <ChevronRight size={26} />
                  </Turn>
                </>
              ) : null}
            </div>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface TurnProps {
  label: string;
  onPress: () => void;
  side: string;
  children: React.ReactNode;
}

function Turn({ label, onPress, side, children }: TurnProps) {
  return (
    <IconButton
      label={label}
      onPress={onPress}
      className={cx("absolute top-1/2 size-12 -translate-y-1/2 rounded-full bg-black/50 text-white", side)}
    >
      {children}
    </IconButton>
  );
}
