// The vendor portal and the pages before sign-in: no htmx, only what a form needs.
import { startErrors } from "./errors.js";
import { startMenus } from "./menus.js";
import { startPrint } from "./print.js";
import { startSubmitGuard } from "./submit_guard.js";
import { startThemeButton } from "./theme_button.js";
import { startToasts } from "./toasts.js";

startThemeButton();
startMenus();
startToasts();
startSubmitGuard();
startErrors();
startPrint();
