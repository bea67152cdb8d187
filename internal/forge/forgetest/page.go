package forgetest

import (
	"fmt"
	"strconv"
	"strings"
)

// How many items a page has, and may have.
const (
	defaultPage = 30
	maxPage     = 100
)

// bounds are the first item of the page that the request asks for, and the one
// after its last.
func (x *exchange) bounds(total int) (first, end, page, last int) {
	query := x.r.URL.Query()
	size, err := strconv.Atoi(query.Get("per_page"))
	if err != nil || size < 1 {
		size = defaultPage
	}
	size = min(size, maxPage)
	page, err = strconv.Atoi(query.Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	last = max(1, (total+size-1)/size)
	first = min(total, (min(page, last+1)-1)*size)
	return first, min(total, first+size), page, last
}

// page is the answer with one page of a list, and the way to the others.
// https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
func (x *exchange) page(items []object) answer {
	first, end, page, last := x.bounds(len(items))
	a := answer{body: items[first:end]}
	x.link(&a, page, last)
	return a
}

// pageIn is a page inside an object that counts the whole list.
func (x *exchange) pageIn(field string, items []object) answer {
	first, end, page, last := x.bounds(len(items))
	a := answer{body: object{"total_count": len(items), field: items[first:end]}}
	x.link(&a, page, last)
	return a
}

// link sets the Link header. GitHub names the repository by its id there.
func (x *exchange) link(a *answer, page, last int) {
	if last == 1 && page == 1 {
		return
	}
	path := x.path
	if x.repo != nil {
		if _, rest, found := strings.Cut(path, "/"+x.params["owner"]+"/"+x.params["repo"]+"/"); found {
			path = "/repositories/" + itoa(x.repo.ID) + "/" + rest
		}
	}
	to := func(page int, rel string) string {
		query := x.r.URL.Query()
		query.Set("page", strconv.Itoa(page))
		return fmt.Sprintf("<%s%s?%s>; rel=%q", x.base, path, query.Encode(), rel)
	}
	var links []string
	if page > 1 {
		links = append(links, to(min(page-1, last), "prev"))
	}
	if page < last {
		links = append(links, to(page+1, "next"), to(last, "last"))
	}
	if page > 1 {
		links = append(links, to(1, "first"))
	}
	a.set("Link", strings.Join(links, ", "))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
