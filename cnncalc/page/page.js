// The page of one network.

import { start } from "./start.js";
import { VIEWS } from "./views.js";

start(VIEWS);
