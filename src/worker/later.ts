/**
 * The parts of the simulator that a new cluster of the first example does not need. The browser's build loads them after
 * the first picture (.ci/late-parts.mjs); in Node this file does nothing, for everything is there already. A part belongs
 * here when others use it only while they run, never while they are loaded, and by functions, classes or objects.
 */
import '../sim/cluster-faults';
import '../sim/cluster-probes';
import '../sim/cluster-outside-spread';
import '../sim/shell/commands';
import '../sim/shell/complete';
import '../sim/shell/filters';
import '../sim/shell/line';
import '../sim/programs/caller';
import '../sim/programs/coreutils';
import '../sim/programs/dig';
import '../sim/programs/getent';
import '../sim/programs/more-web-servers';
import '../sim/programs/nc';
import '../sim/programs/nslookup';
import '../sim/programs/other-servers';
import '../sim/programs/ping';
import '../sim/programs/text-tools';
import '../sim/programs/wget';
import './steps';
