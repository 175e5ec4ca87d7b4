/** A dialogue over the page: the browser's own <dialog>, which keeps the focus inside and gives it back. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  /** Escape, and the phone's way back. */
  onLeave: () => void;
  /** An alert: it came by itself and cannot wait. */
  urgent?: boolean;
  children: ComponentChildren;
}

export function Modal({ title, onLeave, urgent = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    // The browser gives the focus back by itself when a dialog closes, but not when it is taken out of the page.
    const before = document.activeElement;
    shown?.showModal();
    heading.current?.focus();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      class="tw-modal"
      ref={dialog}
      role={urgent ? "alertdialog" : undefined}
      aria-labelledby="modal-title"
      aria-describedby={urgent ? "modal-words" : undefined}
      onCancel={(event) => {
        event.preventDefault();
        onLeave();
      }}
    >
      <h2 class="nhsuk-heading-m tw-heading" id="modal-title" tabIndex={-1} ref={heading}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}
