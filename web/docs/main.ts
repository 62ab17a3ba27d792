import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "./docs.css";

const dark = matchMedia("(prefers-color-scheme: dark)");
followScheme();
dark.addEventListener("change", followScheme);

SwaggerUI({
  url: "/openapi.json",
  domNode: document.body.appendChild(document.createElement("div")),
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: -1, // each schema is shown where it is sent or answered
  validatorUrl: null, // it would send the document to a stranger
});

/** Swagger UI is dark where the page says so by a class. */
function followScheme(): void {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}
