// What the worker needs of KaTeX, as two functions from string to string. KaTeX's virtual DOM tree becomes JSON, since
// C++ reads one string faster than a tree of script objects. KatexEngine evaluates this to a function of both libraries.
(function (katex, renderA11yString) {
    "use strict";

    function settings(isDisplay) {
        return {
            displayMode: isDisplay,
            output: "html",
            strict: "ignore",
            throwOnError: true,
            maxExpand: 1000,
            maxSize: 20,
            // Links, pictures and raw HTML are refused as a whole: their source is shown.
            trust: function (context) {
                throw new katex.ParseError("not allowed: " + context.command);
            }
        };
    }

    function isSvg(node) {
        return node.attributes !== undefined && node.classes === undefined;
    }

    function exportedSvg(node) {
        var out = { svg: node.attributes, paths: [], lines: [] };
        node.children.forEach(function (child) {
            if (child.attributes !== undefined)
                out.lines.push(child.attributes);
            else // the table from a path's name to its data is only reached through the markup
                out.paths.push(/d='([^']*)'/.exec(child.toMarkup())[1]);
        });
        return out;
    }

    function exported(node) {
        if (isSvg(node))
            return exportedSvg(node);
        var out = { classes: (node.classes || []).join(" "), height: node.height, depth: node.depth };
        if (node.style && Object.keys(node.style).length > 0)
            out.style = node.style;
        if (node.text !== undefined) {
            out.text = node.text;
            out.italic = node.italic;
        } else {
            out.children = node.children.map(exported);
        }
        return out;
    }

    return {
        tree: function (tex, isDisplay) {
            return JSON.stringify(exported(katex.__renderToDomTree(tex, settings(isDisplay))));
        },
        spoken: function (tex, isDisplay) {
            return renderA11yString(tex, settings(isDisplay));
        }
    };
});
