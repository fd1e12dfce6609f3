// ChatSettings: what one chat sets for itself, as storage keeps it in the chat's row.
//
// A plain value with its JSON and nothing of the screen. Reading never fails: what cannot be
// understood is as if it were not set; keys of other versions are kept and written back.
#pragma once

#include <QJsonObject>
#include <QString>
#include <string>

namespace sotto::app {

enum class ThinkingMode { Auto, On, Off };  // Auto: the model's template decides

struct ChatSettings {
    QString systemPrompt;  // empty: the app's
    ThinkingMode thinking = ThinkingMode::Auto;
    std::string samplingJson = "{}";  // the chat's layer, see SamplingModel
    QJsonObject others;

    static ChatSettings fromJson(const std::string& json);
    std::string toJson() const;
};

}  // namespace sotto::app
