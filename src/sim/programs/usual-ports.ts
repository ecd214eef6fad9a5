/** Ports that well-known images listen on when nobody says otherwise, from their documentation. */
import { parseImage } from './images';

const USUAL = `rabbitmq 5672 15672
memcached 11211
elasticsearch 9200 9300
opensearch 9200
kibana 5601
logstash 5044
kafka 9092
zookeeper 2181
cassandra 9042
etcd 2379 2380
minio 9000
consul 8500
vault 8200
nats 4222
influxdb 8086
couchdb 5984
neo4j 7474 7687
clickhouse-server 8123 9000
eclipse-mosquitto 1883
grafana 3000
prometheus 9090
alertmanager 9093
node-exporter 9100
loki 3100
jaeger 16686
wordpress 80
ghost 2368
drupal 80
joomla 80
nextcloud 80
phpmyadmin 80
adminer 8080
mongo-express 8081
jenkins 8080
tomcat 8080
jetty 8080
sonarqube 9000
keycloak 8080
gitea 3000
registry 5000
traefik 80
caddy 80
haproxy 80
envoy 10000
podinfo 9898 9999
echoserver 8080
node-hello 8080
nginx-hello 8080
hello 80
hello-world 8080
mailhog 1025 8025
portainer-ce 9000
code-server 8080
locust 8089`;

/** TCP ports of an image by the last part of its name; none for one that is not known. */
export function usualPorts(image: string): readonly number[] {
  const name = parseImage(image).name.split('/').pop() ?? '';
  const row = USUAL.split('\n').find((one) => one.startsWith(`${name} `));
  return row?.split(' ').slice(1).map(Number) ?? [];
}

/** A port that an option names, such as --port=8080 or --metrics-bind-address :9090; of several, each. */
export function portsOfArgs(args: readonly string[]): number[] {
  return args.flatMap((arg, index) => {
    const option = /^--?[\w.-]*(?:port|addr|listen|bind)[\w.-]*(?:=(.*))?$/.exec(arg);
    const text = option === null ? '' : (option[1] ?? args[index + 1] ?? '');
    const [, port] = /^(?:[\w.:[\]]*:)?(\d{2,5})$/.exec(text) ?? [];
    return port !== undefined && Number(port) < 65536 ? [Number(port)] : [];
  });
}
