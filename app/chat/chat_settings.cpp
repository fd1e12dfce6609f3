#include "app/chat/chat_settings.h"

#include <QJsonDocument>

namespace sotto::app {
namespace {

const QString kSystemPrompt = QStringLiteral("systemPrompt");
const QString kThinking = QStringLiteral("thinking");
const QString kSampling = QStringLiteral("sampling");

std::string compact(const QJsonObject& object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

}  // namespace

ChatSettings ChatSettings::fromJson(const std::string& json) {
    ChatSettings settings;
    QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    settings.systemPrompt = object.take(kSystemPrompt).toString();
    const int thinking = object.take(kThinking).toInt();
    if (thinking == 1) settings.thinking = ThinkingMode::On;
    if (thinking == 2) settings.thinking = ThinkingMode::Off;
    settings.samplingJson = compact(object.take(kSampling).toObject());
    settings.others = object;
    return settings;
}

std::string ChatSettings::toJson() const {
    QJsonObject object = others;
    if (!systemPrompt.isEmpty()) object[kSystemPrompt] = systemPrompt;
    if (thinking != ThinkingMode::Auto) object[kThinking] = static_cast<int>(thinking);
    object[kSampling] = QJsonDocument::fromJson(QByteArray::fromStdString(samplingJson)).object();
    return compact(object);
}

}  // namespace sotto::app
