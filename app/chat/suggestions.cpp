#include "app/chat/suggestions.h"

#include <QCoreApplication>
#include <QVariantMap>

namespace sotto::app {
namespace {

struct Suggestions {
    Q_DECLARE_TR_FUNCTIONS(Suggestions)
};

QVariantMap row(const QString& text, const QString& question) {
    return {{QStringLiteral("text"), text}, {QStringLiteral("question"), question}};
}

}  // namespace

QVariantList suggestions(bool isDemo) {
    if (isDemo)
        return {
            row(Suggestions::tr("Who are you?"), QStringLiteral("Who are you?")),
            row(Suggestions::tr("Tell me a short story about a fox."),
                QStringLiteral("Tell me a short story about a fox.")),
            row(Suggestions::tr("What can Sotto do?"), QStringLiteral("What can Sotto do?")),
            row(Suggestions::tr("How do I load another model?"),
                QStringLiteral("How do I load another model?")),
        };
    QVariantList rows;
    for (const QString& question :
         {Suggestions::tr("Explain in simple words why the sky is blue."),
          Suggestions::tr("Write a polite reply that declines an invitation."),
          Suggestions::tr("Plan five quick dinners for a week."),
          Suggestions::tr("Compare bubble sort and quicksort in a table.")})
        rows.append(row(question, question));
    return rows;
}

}  // namespace sotto::app
