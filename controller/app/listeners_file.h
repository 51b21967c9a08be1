#ifndef FLOTILLA_CONTROLLER_APP_LISTENERS_FILE_H_
#define FLOTILLA_CONTROLLER_APP_LISTENERS_FILE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::controller {

// Listener ("enrolment", "device", "artifact", "operator", "dashboard") to its port.
using ListenerPorts = std::map<std::string, std::uint16_t>;

// <state_dir>/listeners.json: {"device": "controller.example:7442", ...}. It is there while the
// controller answers; fleetctl and scripts read it.
Status WriteListeners(DurableFs& fs, const std::filesystem::path& file, const std::string& host,
                      const ListenerPorts& ports);
// The ports of the last run; empty when there was none.
ListenerPorts ReadListeners(const std::filesystem::path& file);

// `wanted`, unless it is 0: then `last` when nobody listens there, so that agents find a controller
// again that was given free ports; else 0.
std::uint16_t ChoosePort(const std::string& address, std::uint16_t wanted, std::uint16_t last);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_LISTENERS_FILE_H_
