// QuantizeMethods: how the quantize dialog chooses the numbers of the new file: the method, what it
// costs, and the text that the model reads for it or to measure an importance matrix.
//
// Owned by QuantizeController, which plans anew when another one is chosen. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QStringList>
#include <QUrl>
#include <QVariantList>
#include <functional>

#include "app/workshop/mix_plan.h"
#include "engine/api/quantize.h"

namespace sotto::app {

class QuantizeMethods : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by QuantizeController")
    Q_PROPERTY(QString method READ method WRITE setMethod NOTIFY changed)  // "search" "awq" "gptq"
    // text value isOff; told when they are others, since what is pressed meanwhile is made anew.
    Q_PROPERTY(QVariantList choices READ choices NOTIFY choicesChanged)
    // What it costs, and why others are off.
    Q_PROPERTY(QString costText READ costText NOTIFY changed)
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY changed)  // a file; empty: built in
    Q_PROPERTY(QVariantList textChoices READ textChoices NOTIFY changed)
    Q_PROPERTY(bool isTextRead READ isTextRead NOTIFY changed)

public:
    Q_INVOKABLE void chooseText(const QUrl& file);

    struct Parts {
        QString builtInText;                   // a file; empty: it is not there
        std::function<bool()> isOpen;          // something can be chosen
        std::function<QString()> importance;   // as QuantizeController::importance()
        std::function<const MixPlan*()> plan;  // of the chosen type; null: none
    };
    explicit QuantizeMethods(Parts parts, QObject* parent = nullptr);
    ~QuantizeMethods() override;

    void begin();                         // another source
    void setSource(const MixPlan& plan);  // what its first plan tells of it

    ModelMethod chosen() const { return m_method; }
    QString textPath() const;  // that is read; empty: there is none
    QString problem() const;   // why it cannot begin so; empty: it can

    QString method() const;
    void setMethod(const QString& name);
    QVariantList choices() const;
    QString costText() const;
    QString text() const { return m_text; }
    void setText(const QString& path);
    QVariantList textChoices() const;
    bool isTextRead() const;

signals:
    void changed();
    void choicesChanged();
    void chosenChanged();  // another method or text

private:
    QString whyNot(ModelMethod method) const;

    Parts m_parts;
    ModelMethod m_method = ModelMethod::Search;
    QString m_text;
    QStringList m_texts;     // that are offered besides
    QString m_architecture;  // of the source, once it is planned
    bool m_canRun = true;    // this version it
    QVariantList m_told;     // choices, the last time
};

}  // namespace sotto::app
