import { testClient } from "./test-client.js";

testClient("js");
