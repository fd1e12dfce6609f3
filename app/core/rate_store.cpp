#include "app/core/rate_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text_file.h"

namespace sotto::app {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;

Json keyJson(const RateKey& key) {
    return {{"device", key.deviceId},
            {"name", key.deviceName},
            {"threads", key.nThreads},
            {"version", key.version}};
}

// The entries of the file that are for us to keep; none when it is not ours to read.
Json readEntries(const std::filesystem::path& file) {
    const std::optional<std::string> text = readTextFile(file);
    if (!text) return Json::array();
    const Json json = Json::parse(*text, nullptr, false);
    if (!json.is_object() || !json.contains("format") || json["format"] != kFormat)
        return Json::array();
    const auto rates = json.find("rates");
    return rates != json.end() && rates->is_array() ? *rates : Json::array();
}

double numberOf(const Json& json, const char* name) {
    const auto found = json.find(name);
    const double number = found != json.end() && found->is_number() ? found->get<double>() : 0;
    return number > 0 ? number : 0;
}

bool isFor(const Json& entry, const Json& key) {
    return entry.is_object() && entry.contains("key") && entry["key"] == key;
}

MachineRates ratesOf(const Json& entry) {
    MachineRates rates;
    rates.readGbS = numberOf(entry, "read_gb_s");
    rates.cacheGbS = numberOf(entry, "cache_gb_s");
    const auto types = entry.find("types");
    if (types == entry.end() || !types->is_array()) return rates;
    for (const Json& type : *types) {
        if (!type.is_object() || !type.contains("type") || !type["type"].is_string()) continue;
        const auto known = dtypeFromName(type["type"].get<std::string>());
        const TypeRate rate{known.value_or(DType::F32), numberOf(type, "decode_gb_s"),
                            numberOf(type, "prefill_tflops")};
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
    return {device.id, device.name + " " + device.instructionSet, nThreads, SOTTO_VERSION};
}

MachineRates RateStore::load(const RateKey& key) const {
    MachineRates rates;
    for (const Json& entry : readEntries(m_file))
        if (isFor(entry, keyJson(key))) rates = ratesOf(entry);
    rates.deviceId = key.deviceId;
    rates.deviceName = key.deviceName;
    rates.nThreads = key.nThreads;
    return rates;
}

Status RateStore::save(const RateKey& key, const MachineRates& rates) const {
    const Json ours = keyJson(key);
    Json entries = Json::array();
    for (Json& entry : readEntries(m_file))
        if (!isFor(entry, ours)) entries.push_back(std::move(entry));
    entries.push_back(entryOf(ours, rates));
    const std::string text =
        Json{{"format", kFormat}, {"rates", std::move(entries)}}.dump(1) + "\n";
    std::error_code ignored;
    std::filesystem::create_directories(m_file.parent_path(), ignored);
    return writeTextFile(m_file, text);
}

}  // namespace sotto::app
