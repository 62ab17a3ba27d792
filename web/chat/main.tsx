import { render } from "preact";
import { App } from "./App.tsx";
import { Join } from "./Join.tsx";
import { Link } from "./Link.tsx";
import "../shared/theme.css";
import "./chat.css";

render(page(location.pathname), document.body);

function page(path: string) {
  switch (path) {
    case "/join":
      return <Join />;
    case "/link":
      return <Link />;
    default:
      return <App />;
  }
}
