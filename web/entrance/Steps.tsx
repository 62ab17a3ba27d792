import { Enrolment } from "./Enrolment.tsx";
import type { Entrance } from "./entrance.ts";
import { Failure } from "./Failure.tsx";
import { FirstName } from "./FirstName.tsx";
import { LogIn } from "./LogIn.tsx";
import { NewPassword } from "./NewPassword.tsx";
import { SecondStep } from "./SecondStep.tsx";
import "./entrance.css";

/** What somebody has to do next to come in; nothing for who is in. */
export function Steps({ entrance }: { entrance: Entrance }) {
  return (
    <div class="entrance">
      <News entrance={entrance} />
      <Step entrance={entrance} />
    </div>
  );
}

function Step({ entrance }: { entrance: Entrance }) {
  const standing = entrance.standing.value;
  switch (standing.is) {
    case "asking":
    case "inside":
      return null;
    case "unreachable":
      return (
        <>
          <Failure why={standing.why} />
          <button type="button" class="primary wide" onClick={() => void entrance.open()}>Try again</button>
        </>
      );
    case "outside":
      return <LogIn entrance={entrance} />;
    case "owing":
      return <SecondStep key={standing.login} entrance={entrance} step={standing} />;
    case "nameless":
      return <FirstName entrance={entrance} step={standing} />;
    case "without password":
      return <NewPassword entrance={entrance} link={standing.link} />;
    case "enrolling":
      return <Enrolment entrance={entrance} account={standing.account} />;
  }
}

/** What has brought the reader here. */
export function News({ entrance }: { entrance: Entrance }) {
  const news = entrance.news.value;
  return (
    <>
      <Failure why={news?.good === false ? news.text : undefined} />
      <div role="status">{news?.good && <p class="done">{news.text}</p>}</div>
    </>
  );
}
