// PromptNotice: says, once for each model, that the model's chat template takes no system prompt,
// where the chat on screen has one.
//
// Borrows all of it. GUI thread only.
#pragma once

#include <QObject>
#include <QString>

namespace sotto::app {

class ChatSettings;
class ModelController;
class SettingsController;

class PromptNotice : public QObject {
    Q_OBJECT

public:
    PromptNotice(const ModelController& models, const ChatSettings& chat,
                 SettingsController& settings, QObject* parent = nullptr);

    QString text() const;  // empty: there is nothing to say, or it was read
    void dismiss();        // it was read

signals:
    void changed();

private:
    const ModelController& m_models;
    const ChatSettings& m_chat;
    SettingsController& m_settings;
};

}  // namespace sotto::app
