import type { Entrance } from "../entrance/entrance.ts";
import { Steps } from "../entrance/Steps.tsx";

/** Asks who one is, as far as that is not known yet. */
export function Door({ entrance }: { entrance: Entrance }) {
  const standing = entrance.standing.value;
  const server = entrance.server.value;
  if (standing.is === "asking" || standing.is === "inside") return null;
  return (
    <main class="alone">
      <div class="sheet">
        <h1>{server?.name ?? "Parley"}</h1>
        {standing.is === "outside" && server !== undefined && (
          <p class="lead">
            {server.needs_setup
              ? "There is no admin yet: open the link that the server printed when it started."
              : "These pages are for admins and moderators."}
          </p>
        )}
        <Steps entrance={entrance} />
        <p class="aside">
          <a href="/">To the chat</a>
        </p>
      </div>
    </main>
  );
}
