import { testClient } from "./test-client.js";

testClient("java");
