"""How each contender wants its posts spelled, and the settings with which it writes feeds and nothing else."""

from collections.abc import Mapping
from pathlib import Path

from bench.corpus import AS_OF, SITE, TITLE, Post

CLOCK = AS_OF.isoformat().replace("+00:00", "Z")
#: Entries in each feed.
LIMIT = 50


def dated(post: Post) -> tuple[str, str]:
    """Give file and text of a post as publisher and the loops read it."""
    return f"articles/{post.published:%Y-%m-%d}-{post.slug}.md", _with_yaml(post)


def plain(post: Post) -> tuple[str, str]:
    """Give file and text of a post as Hugo and Eleventy read it."""
    return f"content/posts/{post.slug}.md", _with_yaml(post)


def pelican_post(post: Post) -> tuple[str, str]:
    """Give file and text of a post with the lines of metadata that Pelican's Markdown reader knows."""
    summary = f"summary: {post.summary}\n" if post.summary else ""
    head = f"title: {post.title}\ndate: {_time(post)}\ntags: {', '.join(post.tags)}\nauthor: {post.author}\n{summary}"
    return f"content/{post.slug}.md", f"---\n{head}---\n\n{post.body}"


def _with_yaml(post: Post) -> str:
    summary = f"summary: {post.summary}\n" if post.summary else ""
    head = f"title: {post.title}\ndate: {_time(post)}\ntags: [{', '.join(post.tags)}]\nauthor: {post.author}\n{summary}"
    return f"---\n{head}---\n\n{post.body}"


def _time(post: Post) -> str:
    return post.published.isoformat().replace("+00:00", "Z")


def newest(_: Path) -> Mapping[str, str]:
    """Settings of publisher: the newest posts of all and of each tag, in its three formats."""
    return {"publisher.toml": _publication(archives=False)}


def whole(_: Path) -> Mapping[str, str]:
    """Settings of publisher: the same, and every older post in archive pages."""
    return {"publisher.toml": _publication(archives=True)}


def _publication(*, archives: bool) -> str:
    return f"""\
[publication]
title = "{TITLE}"
url = "{SITE}"
author = {{ name = "Ada Example" }}

[[sources]]
path = "articles"

[[feeds]]
name = "all"
limit = {LIMIT}
archives = {str(archives).lower()}

[[feeds]]
per = "tag"
limit = {LIMIT}
"""


def nothing(_: Path) -> Mapping[str, str]:
    """Settings of the loops: none."""
    return {}


def hugo(_: Path) -> Mapping[str, str]:
    """Settings of Hugo: RSS of its home page and of each tag, with its own template.

    Posts keep their addresses and have no pages. With `render = "never"` or `outputs.page = []` feeds would come without
    addresses, or for no tag at all.
    """
    return {
        "hugo.toml": f"""\
baseURL = "{SITE}"
title = "{TITLE}"
locale = "en"
disableKinds = ["section", "sitemap", "robotsTXT", "404"]

[taxonomies]
tag = "tags"

[outputs]
home = ["rss"]
term = ["rss"]
taxonomy = []

[services.rss]
limit = {LIMIT}

[[cascade]]
[cascade.target]
kind = "page"
[cascade.build]
list = "always"
render = "link"
"""
    }


def pelican(_: Path) -> Mapping[str, str]:
    """Settings of Pelican: Atom and RSS of all and of each tag, no pages, its cache of what it has read."""
    return {
        "pelicanconf.py": f"""\
AUTHOR = "Ada Example"
SITENAME = "{TITLE}"
SITEURL = FEED_DOMAIN = "{SITE.rstrip("/")}"
PATH = "content"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
FEED_MAX_ITEMS = {LIMIT}
FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"
TAG_FEED_ATOM = "feeds/tags/{{slug}}.atom.xml"
TAG_FEED_RSS = "feeds/tags/{{slug}}.rss.xml"
CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None
RSS_FEED_SUMMARY_ONLY = False
ARTICLE_SAVE_AS = TAG_SAVE_AS = CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = ""
DIRECT_TEMPLATES = []
THEME_STATIC_PATHS = STATIC_PATHS = []
CACHE_CONTENT = LOAD_CONTENT_CACHE = True
CHECK_MODIFIED_METHOD = "mtime"
CONTENT_CACHING_LAYER = "generator"
"""
    }


def eleventy(installed: Path) -> Mapping[str, str]:
    """Settings of Eleventy: Atom and RSS of all and of each tag by templates like those of its plug-in.

    What is left out of them makes it quicker: addresses stay relative and Markdown is no template of its own.
    """
    plugin = (installed / "node_modules/@11ty/eleventy-plugin-rss/.eleventy.js").as_uri()
    return {
        "eleventy.config.mjs": f"""\
import {{ rssPlugin }} from "{plugin}";

export default function (config) {{
  config.addPlugin(rssPlugin);
  config.addCollection("every", (all) => all.getFilteredByGlob("content/posts/*.md"));
  config.addFilter("newest", (posts) => posts.slice(-{LIMIT}).reverse());
  config.setQuietMode(true);
}}

export const config = {{
  dir: {{ input: "content", output: "feeds" }},
  markdownTemplateEngine: false,
}};
""",
        "content/posts/posts.json": '{ "permalink": false }\n',
        "content/atom.njk": _njk("atom", ATOM),
        "content/rss.njk": _njk("rss", RSS),
    }


def _njk(kind: str, text: str) -> str:
    return f"""\
---
pagination: {{ data: collections, size: 1, alias: list, filter: [all] }}
permalink: "{{{{ list }}}}.{kind}.xml"
eleventyExcludeFromCollections: true
eleventyImport: {{ collections: [every] }}
---
<?xml version="1.0" encoding="utf-8"?>
{text}"""


ATOM = f"""\
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>{{{{ list }}}}</title>
  <link href="{SITE}{{{{ page.url }}}}" rel="self"/>
  <updated>{{{{ collections[list] | getNewestCollectionItemDate | dateToRfc3339 }}}}</updated>
  <id>{SITE}{{{{ list }}}}/</id>
  {{%- for post in collections[list] | newest %}}
  <entry>
    <title>{{{{ post.data.title }}}}</title>
    <link href="{SITE}{{{{ post.fileSlug }}}}/"/>
    <updated>{{{{ post.date | dateToRfc3339 }}}}</updated>
    <id>{SITE}{{{{ post.fileSlug }}}}/</id>
    <author><name>{{{{ post.data.author }}}}</name></author>
    {{%- if post.data.summary %}}<summary>{{{{ post.data.summary }}}}</summary>{{% endif %}}
    <content type="html">{{{{ post.content }}}}</content>
  </entry>
  {{%- endfor %}}
</feed>
"""
RSS = f"""\
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
  <channel>
    <title>{{{{ list }}}}</title>
    <link>{SITE}</link>
    <description>{{{{ list }}}}</description>
    {{%- for post in collections[list] | newest %}}
    <item>
      <title>{{{{ post.data.title }}}}</title>
      <link>{SITE}{{{{ post.fileSlug }}}}/</link>
      <pubDate>{{{{ post.date | dateToRfc822 }}}}</pubDate>
      <guid>{SITE}{{{{ post.fileSlug }}}}/</guid>
      <description>{{{{ post.data.summary }}}}</description>
      <content:encoded>{{{{ post.content }}}}</content:encoded>
    </item>
    {{%- endfor %}}
  </channel>
</rss>
"""
