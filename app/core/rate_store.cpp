#include "app/core/rate_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/core/json_entries.h"
#include "engine/api/device_traits.h"

namespace sotto::app {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr const char* kRates = "rates";
// What they are measured with: figures of another way are none of these.
constexpr const char* kProbe = ", probe 2";

Json keyJson(const RateKey& key) {
    return {{"device", key.deviceId},
            {"name", key.deviceName},
            {"threads", key.nThreads},
            {"version", key.version}};
}

double rateField(const Json& json, const char* name) {
    const double number = numberField(json, name);
    return number > 0 ? number : 0;
}

bool isFor(const Json& entry, const Json& key) {
    return entry.is_object() && entry.contains("key") && entry["key"] == key;
}

MachineRates ratesOf(const Json& entry) {
    MachineRates rates;
    rates.readGbS = rateField(entry, "read_gb_s");
    rates.cacheGbS = rateField(entry, "cache_gb_s");
    const auto types = entry.find("types");
    if (types == entry.end() || !types->is_array()) return rates;
    for (const Json& type : *types) {
        if (!type.is_object() || !type.contains("type") || !type["type"].is_string()) continue;
        const auto known = dtypeFromName(type["type"].get<std::string>());
        const TypeRate rate{known.value_or(DType::F32), rateField(type, "decode_gb_s"),
                            rateField(type, "prefill_tflops")};
        if (known && rate.decodeGbS > 0 && rate.prefillTflops > 0) rates.types.push_back(rate);
    }
    return rates;
}

Json entryOf(const Json& key, const MachineRates& rates) {
    Json types = Json::array();
    for (const TypeRate& rate : rates.types)
        types.push_back({{"type", dtypeTraits(rate.type).name},
                         {"decode_gb_s", rate.decodeGbS},
                         {"prefill_tflops", rate.prefillTflops}});
    return {{"key", key},
            {"read_gb_s", rates.readGbS},
            {"cache_gb_s", rates.cacheGbS},
            {"types", std::move(types)}};
}

}  // namespace

RateKey rateKeyOf(const DeviceInfo& device, int nThreads) {
    std::string name = device.name + " " + device.instructionSet;
    const std::string driver = deviceTraits(device.id).driver;
    if (!driver.empty()) name += ", driver " + driver;
    return {device.id, std::move(name), nThreads, SOTTO_VERSION + std::string(kProbe)};
}

MachineRates RateStore::load(const RateKey& key) const {
    MachineRates rates;
    for (const Json& entry : readEntries(m_file, kRates, kFormat))
        if (isFor(entry, keyJson(key))) rates = ratesOf(entry);
    rates.deviceId = key.deviceId;
    rates.deviceName = key.deviceName;
    rates.nThreads = key.nThreads;
    return rates;
}

Status RateStore::save(const RateKey& key, const MachineRates& rates) const {
    const Json ours = keyJson(key);
    Json entries = Json::array();
    for (Json& entry : readEntries(m_file, kRates, kFormat))
        if (!isFor(entry, ours)) entries.push_back(std::move(entry));
    entries.push_back(entryOf(ours, rates));
    return writeEntries(m_file, kRates, kFormat, std::move(entries));
}

}  // namespace sotto::app
