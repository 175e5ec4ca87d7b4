import { h, render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useDeedForm, type DeedForm } from "../src/components/deed_form.tsx";

interface Draft {
  name: string;
}

let form: DeedForm<Draft>;

/** A page with a form that draws nothing, so that it needs no browser. */
function shown(): void {
  const page = { nodeType: 1, childNodes: [], firstChild: null, insertBefore: () => undefined };
  vi.stubGlobal("document", { documentElement: page, createTextNode: () => ({ data: "" }) });
  const Form = () => {
    form = useDeedForm<Draft>({
      empty: { name: "" },
      faultsOf: ({ name }) => (name === "" ? [{ field: "name", message: "Enter a name" }] : []),
      refusal: {},
    });
    return null;
  };
  render(h(Form, {}), page as unknown as Element);
}

const drawn = (): Promise<void> => new Promise((done) => setTimeout(done));
const enter = (act: () => Promise<void>): void => form.submitted(act)({ preventDefault: () => undefined } as never);

let asked = 0;
let answer = (): void => undefined;

/** As a page sends: what is asked waits until `answer` is called. */
async function send(): Promise<void> {
  await form.run(form.draft, () => {
    asked += 1;
    return new Promise<boolean>((done) => (answer = () => done(true)));
  });
}

beforeEach(() => {
  asked = 0;
  shown();
});

afterEach(() => vi.unstubAllGlobals());

test("a second Enter while the first is under way asks nothing, and the form goes on saying that it is", async () => {
  form.change({ name: "Night team" });
  await drawn();
  enter(send);
  enter(send);
  await drawn();
  expect([asked, form.busy]).toEqual([1, true]);
  enter(send);
  await drawn();
  expect([asked, form.busy]).toEqual([1, true]);
  answer();
  await drawn();
  expect([asked, form.busy, form.draft]).toEqual([1, false, { name: "" }]);
});

test("nor does it blame what is typed by then", async () => {
  form.change({ name: "Night team" });
  await drawn();
  enter(send);
  await drawn();
  form.change({ name: "" });
  await drawn();
  enter(send);
  await drawn();
  expect([form.busy, form.errors]).toEqual([true, []]);
});

test("what is missing is said before anybody is asked", async () => {
  enter(send);
  await drawn();
  expect([asked, form.busy, form.errors]).toEqual([0, false, [{ field: "name", message: "Enter a name" }]]);
});

test("what another way beside the form was refused for takes the place of what was said of the form, until it is sent again", async () => {
  enter(send);
  await drawn();
  form.tell([{ field: null, message: "This passkey does not sign in" }]);
  await drawn();
  expect(form.errors).toEqual([{ field: null, message: "This passkey does not sign in" }]);
  enter(send);
  await drawn();
  expect(form.errors).toEqual([{ field: "name", message: "Enter a name" }]);
});
