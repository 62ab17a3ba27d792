import { render } from "preact";
import "../shared/theme.css";

render(<h1>Parley</h1>, document.body);
