/** A part of a page under a heading of its own: a screen reader calls the part by it, and can jump to it. */
import type { ComponentChildren } from "preact";

interface SectionProps {
  /** The heading's, unique on the page. */
  id: string;
  title: ComponentChildren;
  children: ComponentChildren;
  class?: string;
  size?: "xs" | "s" | "m";
  /** Under another section's heading, or the page's. */
  level?: 2 | 3;
  /** Beside the heading: how it stands. */
  tag?: { readonly words: string; readonly colour: string };
}

export function Section({ id, title, children, class: named = "tw-section", size = "m", level = 2, tag, ...marks }: SectionProps) {
  const Heading = level === 2 ? "h2" : "h3";
  const heading = (
    <Heading class={`nhsuk-heading-${size}`} id={id}>
      {title}
    </Heading>
  );
  return (
    <section class={named} aria-labelledby={id} {...marks}>
      {tag === undefined ? (
        heading
      ) : (
        <div class="tw-card-head">
          {heading}
          <span class="tw-card-tags">
            <strong class={`nhsuk-tag nhsuk-tag--${tag.colour}`}>{tag.words}</strong>
          </span>
        </div>
      )}
      {children}
    </section>
  );
}

/** One thing of several, in a box of its own. */
export function Panel(props: SectionProps) {
  return <Section class="tw-panel" size="s" {...props} />;
}
