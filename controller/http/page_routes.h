#ifndef FLOTILLA_CONTROLLER_HTTP_PAGE_ROUTES_H_
#define FLOTILLA_CONTROLLER_HTTP_PAGE_ROUTES_H_

#include "controller/http/router.h"

namespace flotilla::http {

// The dashboard page and its modules (controller/http/web/), compiled in. They hold no data: anyone
// may load them.
void AddPageRoutes(Router& router);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_PAGE_ROUTES_H_
