package cursor

// The pages of Cursor that a next step points at.
const (
	KeysPage         = "https://cursor.com/dashboard/api"          // API keys
	PlanPage         = "https://cursor.com/dashboard"              // plan, role and spend limit
	IntegrationsPage = "https://cursor.com/dashboard/integrations" // the code hosts that Cursor may read
	AgentsPage       = "https://cursor.com/agents"
	StatusPage       = "https://status.cursor.com"
	EndpointsPage    = "https://cursor.com/docs/cloud-agent/api/endpoints"
	NetworkPage      = "https://cursor.com/docs/enterprise/network-configuration"
)
