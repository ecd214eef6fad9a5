/** `help`: what a learner can do here, with lines to copy. */
import type { ShellCommand } from './shell';

const TEXT = `This terminal stands outside of the cluster, with kubectl set up. Time is the simulator's.

Look around
  kubectl get pods -o wide            which pods run where, with their addresses
  kubectl get svc,endpointslices      services and the pods behind them
  kubectl get all -A                  everything in every namespace
  kubectl describe svc web            one object in detail, with its events
  kubectl get pods -w                 keep watching (Ctrl-C ends it)

Send traffic
  kubectl exec POD -- curl http://web           from inside a pod, by service name
  kubectl exec POD -- nslookup web              what the cluster's DNS answers
  node node-1 -- curl http://10.96.0.1:443      from a node
  curl http://NODE_IP:30080                     from outside: node ports and load balancers

Change something
  kubectl scale deployment web --replicas=5
  kubectl set image deployment/web app=nginx:1.28
  kubectl rollout status deployment/web
  kubectl delete pod POD
  kubectl cordon node-1        kubectl drain node-1 --ignore-daemonsets
  kubectl apply -f .           apply what stands in the editor

Look into a node
  node node-1 -- iptables-save -t nat | grep web
  node node-1 -- iptables -t nat -L KUBE-SERVICES -n
  node node-1 -- ip route      node node-1 -- ip addr      node node-1 -- ip neigh
  node node-1 -- bridge fdb show dev flannel.1
  node node-1 -- conntrack -L
  node node-1 -- cat /etc/resolv.conf

Also: grep, head, tail, wc, sort, uniq and less behind a pipe; ; && || between commands; sleep, echo, cat, ls, clear.
kubectl CMD --help shows what a kubectl command takes. Tab completes.
`;

export const help: ShellCommand = {
  name: 'help',
  synopsis: 'shows this',
  run: (_world, _argv, io) => {
    io.out(TEXT);
    return { code: 0 };
  },
};
