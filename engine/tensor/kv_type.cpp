#include "engine/tensor/kv_type.h"

#include <algorithm>
#include <array>

#include "base/letter_case.h"

namespace sotto {
namespace {

constexpr std::array<KvType, 7> kAll{KvType::F32,    KvType::F16,  KvType::Q8_0, KvType::F8E4M3,
                                     KvType::F8E5M2, KvType::Q5_0, KvType::Q4_0};

}  // namespace

const KvTypeTraits& kvTypeTraits(KvType type) {
    // [KvType]
    static constexpr std::array<KvTypeTraits, 7> kTraits{{{"f16", 1, 2},
                                                          {"f32", 1, 4},
                                                          {"q8_0", 32, 34},
                                                          {"q5_0", 32, 22},
                                                          {"q4_0", 32, 18},
                                                          {"fp8_e4m3", 32, 34},
                                                          {"fp8_e5m2", 32, 34}}};
    return kTraits[static_cast<std::size_t>(type)];
}

std::span<const KvType> allKvTypes() { return kAll; }

std::optional<KvType> kvTypeFromName(std::string_view name) {
    const std::string lower = lowerCase(name);
    const auto at = std::find_if(kAll.begin(), kAll.end(),
                                 [&](KvType type) { return kvTypeTraits(type).name == lower; });
    return at == kAll.end() ? std::nullopt : std::optional(*at);
}

bool isCoarse(KvType type) {
    return type == KvType::Q5_0 || type == KvType::Q4_0 || type == KvType::F8E4M3 ||
           type == KvType::F8E5M2;
}

double bytesOfPair(KvTypes types) {
    const auto bytes = [](KvType type) {
        const KvTypeTraits& traits = kvTypeTraits(type);
        return static_cast<double>(traits.blockBytes) / traits.blockElements;
    };
    return bytes(types.key) + bytes(types.value);
}

std::string kvTypesText(KvTypes types) {
    std::string text(kvTypeTraits(types.key).name);
    if (types.value != types.key) text.append(",").append(kvTypeTraits(types.value).name);
    return text;
}

std::optional<KvTypes> kvTypesFromText(std::string_view text) {
    const std::size_t comma = text.find(',');
    const auto key = kvTypeFromName(text.substr(0, comma));
    const auto value = comma == text.npos ? key : kvTypeFromName(text.substr(comma + 1));
    if (!key || !value) return std::nullopt;
    return KvTypes{*key, *value};
}

}  // namespace sotto
