/* A Modbus TCP server of libmodbus with 10 000 holding registers, for any unit id. With an argument every register grows by
   one with each request. Prints its port; a process for each connection. */
#include <arpa/inet.h>
#include <modbus/modbus.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define REGISTERS 10000

int main(int count, char **arguments) {
  (void)arguments;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 64)) return 1;
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (fork()) {
      close(client);
      continue;
    }
    modbus_t *server = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *map = modbus_mapping_new(1, 1, REGISTERS, 1);
    unsigned char request[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(server, client);
    for (int got; (got = modbus_receive(server, request)) >= 0;) {
      for (int i = 0; count > 1 && i < REGISTERS; i++) map->tab_registers[i]++;
      if (got > 0) modbus_reply(server, request, got, map);
    }
    return 0;
  }
}
