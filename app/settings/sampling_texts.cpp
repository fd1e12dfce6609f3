#include "app/settings/sampling_texts.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <cmath>

#include "app/system/number_format.h"

namespace sotto::app {
namespace {

struct SamplingText {
    Q_DECLARE_TR_FUNCTIONS(SamplingText)
};

struct Words {
    std::string_view key;
    const char* name;
    const char* explanation;
};

constexpr std::array kWords{std::to_array<Words>({
    {"temperature", QT_TRANSLATE_NOOP("SamplingText", "Temperature"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "Low values stay with the most likely words, high values vary more. 0 "
                       "always takes the most likely one.")},
    {"topK", QT_TRANSLATE_NOOP("SamplingText", "Top-k"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "Only so many of the most likely tokens are considered. 0 considers all.")},
    {"topP", QT_TRANSLATE_NOOP("SamplingText", "Top-p"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "Only the most likely tokens that together reach this probability are "
                       "considered. 1 considers all.")},
    {"minP", QT_TRANSLATE_NOOP("SamplingText", "Min-p"),
     QT_TRANSLATE_NOOP(
         "SamplingText",
         "Tokens below this share of the best one's probability are left out. 0 leaves out none.")},
    {"typicalP", QT_TRANSLATE_NOOP("SamplingText", "Typical-p"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "Keeps tokens whose surprise is near the expected one. 1 keeps all.")},
    {"repeatPenalty", QT_TRANSLATE_NOOP("SamplingText", "Repetition penalty"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "Above 1, tokens that were used already become less likely. 1 is off.")},
    {"presencePenalty", QT_TRANSLATE_NOOP("SamplingText", "Presence penalty"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "Lowers every token that was used already, once. 0 is off.")},
    {"frequencyPenalty", QT_TRANSLATE_NOOP("SamplingText", "Frequency penalty"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "Lowers tokens by how often they were used already. 0 is off.")},
    {"penaltyTokens", QT_TRANSLATE_NOOP("SamplingText", "Penalty window"),
     QT_TRANSLATE_NOOP(
         "SamplingText",
         "How many of the last tokens the three penalties look at. Empty: all of them.")},
    {"dryMultiplier", QT_TRANSLATE_NOOP("SamplingText", "DRY strength"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "Lowers tokens that would continue a repeated passage. 0 is off.")},
    {"maxTokens", QT_TRANSLATE_NOOP("SamplingText", "Longest answer"),
     QT_TRANSLATE_NOOP("SamplingText",
                       "The answer stops after so many tokens. Empty: no limit but the context.")},
    {"seed", QT_TRANSLATE_NOOP("SamplingText", "Seed"),
     QT_TRANSLATE_NOOP(
         "SamplingText",
         "The same seed, settings and model give the same answer. Empty: another one each time.")},
})};

const Words* wordsOf(const NumberSetting& setting) {
    const auto found = std::find_if(kWords.begin(), kWords.end(), [&setting](const Words& words) {
        return words.key == setting.key;
    });
    return found == kWords.end() ? nullptr : &*found;
}

QString unsetWord(const NumberSetting& setting) {
    if (setting.key == "seed") return SamplingText::tr("random");
    if (setting.key == "penaltyTokens") return SamplingText::tr("all");
    return SamplingText::tr("no limit");
}

QString bound(const NumberSetting& setting, double value, const NumberFormat& format) {
    return setting.isWhole || std::floor(value) == value ? format.count(value)
                                                         : format.fixed(value, kSamplingDecimals);
}

}  // namespace

bool canBeUnset(const NumberSetting& setting) { return setting.isWhole && setting.minimum < 0; }

QString samplingName(const NumberSetting& setting) {
    const Words* words = wordsOf(setting);
    return words == nullptr ? QString::fromUtf8(setting.key.data(), int(setting.key.size()))
                            : QCoreApplication::translate("SamplingText", words->name);
}

QString samplingExplanation(const NumberSetting& setting) {
    const Words* words = wordsOf(setting);
    return words == nullptr ? QString()
                            : QCoreApplication::translate("SamplingText", words->explanation);
}

QString samplingValue(const NumberSetting& setting, double value, const NumberFormat& format) {
    if (canBeUnset(setting) && value < 0) return unsetWord(setting);
    return format.fixed(value, setting.isWhole ? 0 : kSamplingDecimals);
}

QString samplingRange(const NumberSetting& setting, const NumberFormat& format) {
    const QString most = bound(setting, setting.maximum, format);
    if (canBeUnset(setting))
        return SamplingText::tr("From 0 to %1, or empty for “%2”").arg(most, unsetWord(setting));
    return SamplingText::tr("From %1 to %2").arg(bound(setting, setting.minimum, format), most);
}

}  // namespace sotto::app
