// A fleet that fills every table of a store, to be copied.
#ifndef FLOTILLA_TESTS_CONTRACT_FLEET_COPY_CONTENT_H_
#define FLOTILLA_TESTS_CONTRACT_FLEET_COPY_CONTENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "controller/storage/fleet_copy.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

inline void NoProgress(const std::string& /*table*/, std::uint64_t /*rows*/) {}

// The store, once a server has noticed that its owner before is gone.
std::unique_ptr<FleetStore> OpenPlace(const StorePlace& place);

// Makes the store and writes 2,500 devices and reports, 1,001 audit entries and a row of each else.
void FillFleet(const StorePlace& place);
// Both hold what FillFleet writes, with one site id.
void ExpectSameFleet(const StorePlace& one, const StorePlace& other);

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_CONTRACT_FLEET_COPY_CONTENT_H_
