#include "app/core/card_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sotto::app {
namespace {

// Of the bandwidth by the data sheet. Assumptions, not measurements: three quarters for weights of
// every type, which are read in long rows, and less for keys and values, which lie in small blocks.
constexpr double kWeightShare = 0.75, kKvShare = 0.6;

// Memory in GiB, bits of the bus, Gbit/s of a pin.
constexpr std::array kCards{
    CardModel{"GeForce RTX 3060", 12, 192, 15},
    CardModel{"GeForce RTX 3060 Ti", 8, 256, 14},
    CardModel{"GeForce RTX 3070", 8, 256, 14},
    CardModel{"GeForce RTX 3070 Ti", 8, 256, 19},
    CardModel{"GeForce RTX 3080", 10, 320, 19},
    CardModel{"GeForce RTX 3080", 12, 384, 19},
    CardModel{"GeForce RTX 3080 Ti", 12, 384, 19},
    CardModel{"GeForce RTX 3090", 24, 384, 19.5},
    CardModel{"GeForce RTX 3090 Ti", 24, 384, 21},
    CardModel{"GeForce RTX 4060", 8, 128, 17},
    CardModel{"GeForce RTX 4060 Ti", 8, 128, 18},
    CardModel{"GeForce RTX 4060 Ti", 16, 128, 18},
    CardModel{"GeForce RTX 4070", 12, 192, 21},
    CardModel{"GeForce RTX 4070 Super", 12, 192, 21},
    CardModel{"GeForce RTX 4070 Ti", 12, 192, 21},
    CardModel{"GeForce RTX 4070 Ti Super", 16, 256, 21},
    CardModel{"GeForce RTX 4080", 16, 256, 22.4},
    CardModel{"GeForce RTX 4080 Super", 16, 256, 23},
    CardModel{"GeForce RTX 4090", 24, 384, 21},
    CardModel{"GeForce RTX 5060", 8, 128, 28},
    CardModel{"GeForce RTX 5060 Ti", 8, 128, 28},
    CardModel{"GeForce RTX 5060 Ti", 16, 128, 28},
    CardModel{"GeForce RTX 5070", 12, 192, 28},
    CardModel{"GeForce RTX 5070 Ti", 16, 256, 28},
    CardModel{"GeForce RTX 5080", 16, 256, 30},
    CardModel{"GeForce RTX 5090", 32, 512, 28},
};

// "GeForce RTX 4060 Ti 16 GB" and "rtx-4060ti 16gb" are one: "4060ti16".
std::string bare(std::string_view typed) {
    std::string letters;
    for (const char letter : typed) {
        const bool isUpper = letter >= 'A' && letter <= 'Z';
        const char lower = isUpper ? static_cast<char>(letter - 'A' + 'a') : letter;
        const bool isKept = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        if (isKept) letters += lower;
    }
    for (const std::string_view prefix : {"nvidia", "geforce", "rtx"})
        if (letters.starts_with(prefix)) letters.erase(0, prefix.size());
    if (letters.ends_with("gb")) letters.erase(letters.size() - 2);
    return letters;
}

std::string bareWithMemory(const CardModel& card) {
    return bare(card.name) + std::to_string(card.memoryGib);
}

}  // namespace

std::span<const CardModel> knownCards() { return kCards; }

Result<CardModel> findCard(std::string_view typed) {
    const std::string wanted = bare(typed);
    const std::span<const CardModel> cards = knownCards();
    const auto found = std::find_if(cards.begin(), cards.end(), [&](const CardModel& card) {
        return wanted == bare(card.name) || wanted == bareWithMemory(card);
    });
    if (found != cards.end()) return *found;
    std::string names;
    for (const CardModel& card : cards) {
        const std::string name =
            fmt::format("{} {} GB", card.name.substr(card.name.rfind("RTX")), card.memoryGib);
        names += (names.empty() ? "" : ", ") + name;
    }
    return fail(ErrorCode::NotFound,
                fmt::format("There is no card '{}' in the table: it has {}.", typed, names),
                std::string(typed));
}

ChosenDevices withCard(const ChosenDevices& here, const CardModel& card) {
    ChosenDevices devices = here;
    devices.problem = ChosenDevices::Problem::None;
    devices.problemDetail.clear();
    devices.card.emplace();
    devices.card->id = "cuda:0";
    devices.card->name = card.name;
    devices.card->memoryTotal = card.memoryBytes();
    devices.card->memoryAvailable = card.memoryBytes();
    devices.card->specGbS = card.bandwidthGbS();
    return devices;
}

MachineRates predictedRates(const CardModel& card) {
    MachineRates rates;
    rates.deviceId = "cuda:0";
    rates.deviceName = card.name;
    rates.readGbS = card.bandwidthGbS();
    rates.cacheGbS = kKvShare * card.bandwidthGbS();
    for (const DType type : kernelDTypes())
        rates.types.push_back({type, kWeightShare * card.bandwidthGbS(), 0});
    return rates;
}

}  // namespace sotto::app
