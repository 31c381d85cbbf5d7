import { useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Dialog as Base } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "./Button";
import { cx } from "./cx";
import { IconButton } from "./IconButton";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
}

/** A dialog over the page: a sheet from below on phones, a card elsewhere. */
export function Dialog({ open, onClose, title, children, footer, wide }: Props) {
  const { t } = useLingui();
  return (
    <ModalOverlay
      isOpen={open}
      onOpenChange={(isOpen) => isOpen || onClose()}
      isDismissable
      className="fixed inset-0 z-40 flex items-end justify-center bg-shade sm:items-center sm:p-6"
    >
      <Modal
        className={cx(
          "flex max-h-[92dvh] w-full flex-col rounded-t-2xl bg-surface text-ink shadow-lift sm:rounded-2xl",
          wide ? "sm:max-w-2xl" : "sm:max-w-md",
        )}
      >
        <Base className="flex min-h-0 flex-col outline-none">
          <div className="flex items-center justify-between gap-4 pt-4 pr-3 pb-2 pl-6">
            <Heading slot="title" className="text-lg font-semibold">
              {title}
            </Heading>
            <IconButton label={t`Close`} onPress={onClose}>
              <X size={20} />
            </IconButton>
          </div>
          <div className="min-h-0 overflow-y-auto px-6 pb-6">{children}</div>
          {footer ? (
            <div className="flex flex-wrap justify-end gap-3 border-t border-line px-6 py-4">{footer}</div>
          ) : null}
        </Base>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  action: string;
  danger?: boolean;
  onConfirm: () => Promise<void> | void;
}

/** Asks once more before something that cannot be taken back. */
export function Confirm({ open, onClose, title, children, action, danger, onConfirm }: ConfirmProps) {
  const { t } = useLingui();
  const [pending, setPending] = useState(false);
  const confirm = async () => {
    setPending(true);
    try {
      await onConfirm();
      onClose();
    } finally {
      setPending(false);
    }
  };
  const footer = (
    <>
      <Button onPress={onClose}>{t`Cancel`}</Button>
      <Button look={danger ? "danger" : "primary"} isPending={pending} onPress={confirm}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog open={open} onClose={onClose} title={title} footer={footer}>
      <div className="text-ink-soft">{children}</div>
    </Dialog>
  );
}
